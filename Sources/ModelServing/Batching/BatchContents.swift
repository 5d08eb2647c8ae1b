// SPDX-License-Identifier: Apache-2.0

import TensorFlowRuntime

/// The tensors of a batch: those of its requests, one below the other, and padding.
struct BatchContents {
    /// The bytes of padding that any batch may have, in all its inputs together.
    ///
    /// Two short requests, one long in one dimension and the other in another, could claim any amount of memory, on every batch thread.
    static let paddingLimit = 256 << 20
    /// The most that a batch may have whose requests are large themselves: as much as the largest message could hold.
    static let largestPadding = 1 << 31

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
        let inputs = try names.map { name in
            let tensors = try contributors.map { try Self.rows(of: $0, name) }
            return Input(name: name, tensors: tensors, row: try Self.commonRow(of: tensors, name: name, parameters))
        }
        try Self.checkPadding(of: inputs, rows: rows, size: self.size)
        self.feeds = try inputs.map { input in
            var tensors = try input.tensors.map { try $0.padded(to: input.row) }
            if padding > 0, let last = tensors.last {
                // Rows that are thrown away again: copies of one that the model can take.
                tensors.append(try last.repeatingFirstRow(padding))
            }
            return (input.name, try Tensor(joiningRows: tensors))
        }
    }

    /// The requests' tensors of one name, and the shape that all their rows are to have.
    private struct Input {
        let name: String
        let tensors: [Tensor]
        let row: [Int]

        /// What the requests hold; it is in memory.
        var heldBytes: Int { self.tensors.reduce(0) { $0.addingClamping($1.elementBytes) } }

        /// The bytes that padding to so many rows takes; the largest number where they are more.
        func padding(toRows rows: Int) -> Int {
            let shape = [rows] + self.row
            // A dimension of zero makes the product zero, however large others are.
            let elements = shape.contains(0) ? 0 : shape.reduce(1) { $0.multipliedClamping(by: $1) }
            let held = self.tensors.reduce(0) { $0 + $1.elementCount }
            // Never less than none: the common row is at least as large as any.
            return (elements - held).multipliedClamping(by: self.tensors.map(\.paddingElementSize).max() ?? 0)
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

    /// Refuses a batch that would have more padding than its requests account for.
    ///
    /// That is ``paddingLimit``, and more only where `rows` as large as those of the requests take more, which is what `allowed_batch_sizes` asks
    /// for; never more than ``largestPadding``.
    private static func checkPadding(of inputs: [Input], rows: Int, size: Int) throws(RequestError) {
        let held = inputs.reduce(0) { $0.addingClamping($1.heldBytes) }
        let proportional = held.multipliedClamping(by: rows) / max(1, size)
        let limit = min(max(Self.paddingLimit, proportional), Self.largestPadding)
        var padding = 0
        for input in inputs {
            padding = padding.addingClamping(input.padding(toRows: rows))
            guard padding <= limit else {
                throw RequestError(
                    .resourceExhausted,
                    "Tensors with name '\(input.name)' would be padded to the shape \([rows] + input.row), with which the batch takes more than "
                        + "\(limit) bytes of padding")
            }
        }
    }
}

extension Int {
    /// The product of numbers that are not negative, or the largest number.
    fileprivate func multipliedClamping(by other: Int) -> Int {
        let (product, overflow) = self.multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }

    /// The sum of numbers that are not negative, or the largest number.
    fileprivate func addingClamping(_ other: Int) -> Int {
        let (sum, overflow) = self.addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
