// SPDX-License-Identifier: Apache-2.0

import TensorFlowRuntime

/// The tensors of a batch: those of its requests, one below the other, and padding.
struct BatchContents {
    /// The most bytes of padding for one input: as much as the largest message could hold.
    ///
    /// Two short requests, one long in one dimension and the other in another, could claim any amount of memory.
    static let paddingLimit = 1 << 31

    /// The rows of the requests.
    let size: Int
    /// The rows that are run.
    let paddedSize: Int
    /// The session's tensor names with the tensors fed to them.
    let feeds: [(name: String, tensor: Tensor)]
    private let sizes: [Int]

    /// Puts the requests' tensors together.
    ///
    /// - Throws: in TensorFlow Serving's words, when shapes differ that must not.
    init(_ members: [BatchQueue.Member], parameters: BatchingParameters) throws {
        self.sizes = members.map(\.size)
        self.size = self.sizes.reduce(0, +)
        // A batch without rows has none that could be repeated; it runs as its requests would alone.
        self.paddedSize = self.size == 0 ? 0 : parameters.paddedSize(self.size)
        let padding = self.paddedSize - self.size
        let rows = self.paddedSize
        // Requests without rows are answered with none, and have no say in what shape the others' must be.
        let contributors = self.size == 0 ? members : members.filter { $0.size > 0 }
        let names = members.first?.task.request.feeds.map(\.name) ?? []
        self.feeds = try names.map { name in
            var tensors = try contributors.map { try Self.rows(of: $0, name) }
            let row = try Self.commonRow(of: tensors, name: name, parameters)
            try Self.checkPadding(of: tensors, to: [rows] + row, name: name)
            tensors = try tensors.map { try $0.padded(to: row) }
            if padding > 0, let last = tensors.last {
                // Rows that are thrown away again: copies of one that the model can take.
                tensors.append(try last.repeatingFirstRow(padding))
            }
            return (name, try Tensor(joiningRows: tensors))
        }
    }

    /// Cuts what the session computed into the requests' parts.
    ///
    /// - Throws: in TensorFlow Serving's words, when an output has not one row for each row that was fed.
    func split(_ outputs: [Tensor]) throws -> [[Tensor]] {
        var rows = Array(repeating: [Tensor](), count: self.sizes.count)
        for output in outputs {
            guard let first = output.shape.first else {
                throw RequestError(.failedPrecondition, "Batched output tensor has 0 dimensions")
            }
            guard first == self.paddedSize else {
                throw RequestError(
                    .failedPrecondition,
                    "Batched output tensor's 0th dimension does not equal the sum of the 0th dimension sizes of the input tensors")
            }
            var start = 0
            for (index, size) in self.sizes.enumerated() {
                rows[index].append(try output.rows(start..<start + size))
                start += size
            }
        }
        return rows
    }

    private static func rows(of member: BatchQueue.Member, _ name: String) throws -> Tensor {
        guard let tensor = member.task.request.feeds.first(where: { $0.name == name })?.tensor else {
            throw RequestError(.internalError, "a request in a batch without the input \(name)")
        }
        return try tensor.rows(member.task.parts[member.part])
    }

    /// The shape of every row of one input, once those of different shapes are padded.
    private static func commonRow(of tensors: [Tensor], name: String, _ parameters: BatchingParameters) throws(RequestError) -> [Int] {
        let shapes = Set(tensors.map { Array($0.shape.dropFirst()) })
        guard shapes.count > 1 else { return shapes.first ?? [] }
        guard parameters.padsInputs else {
            throw RequestError(
                .failedPrecondition,
                "Tensors with name '\(name)' from different tasks have different shapes and padding is turned off. Set pad_variable_length_inputs to "
                    + "true, or ensure that all tensors with the same name have equal dimensions starting with the first dim.")
        }
        guard Set(shapes.map(\.count)).count == 1, let rank = shapes.first?.count else {
            throw RequestError(.invalidArgument, "Tensors with name '\(name)' from different tasks have different numbers of dimensions")
        }
        return (0..<rank).map { index in shapes.map { $0[index] }.max() ?? 0 }
    }

    /// Refuses a batch that would have more padding than ``paddingLimit``.
    private static func checkPadding(of tensors: [Tensor], to shape: [Int], name: String) throws(RequestError) {
        // What the requests hold is in memory, and its size cannot overflow.
        let held = tensors.reduce(0) { $0 + $1.elementCount }
        let elements = shape.reduce(1 as Int?) { product, dimension in
            guard let (next, overflow) = product?.multipliedReportingOverflow(by: dimension), !overflow else { return nil }
            return next
        }
        guard elements != held else { return }
        let size = tensors.map(\.paddingElementSize).max() ?? 0
        guard let elements, case let (padding, overflow) = (elements - held).multipliedReportingOverflow(by: size), !overflow,
            padding <= Self.paddingLimit
        else {
            throw RequestError(
                .resourceExhausted,
                "Tensors with name '\(name)' would be padded to the shape \(shape), which takes more than \(Self.paddingLimit) bytes of padding")
        }
    }
}
