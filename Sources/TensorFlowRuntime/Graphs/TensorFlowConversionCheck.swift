// SPDX-License-Identifier: Apache-2.0

internal import ByteCoding
package import SavedModels

/// Compares what a converted model computes with what its graph did before, on inputs made up for it.
package struct TensorFlowConversionCheck {
    /// How far apart the answers were.
    package struct Difference: Sendable {
        package fileprivate(set) var absolute = 0.0
        /// Relative to the largest value of the output.
        package fileprivate(set) var relative = 0.0
    }

    /// What came of it.
    package enum Outcome: Sendable {
        case compared(Difference)
        /// It could not be done, and why; that says nothing against the model.
        case skipped(String)
    }

    /// Beyond this the owner should look: rounding alone stays below.
    package static let warnedDifference = 1e-3

    private let library: TensorFlowLibrary

    package init(library: TensorFlowLibrary) { self.library = library }

    /// Runs the graph as it was, then the finished model in `folder`; blocks.
    ///
    /// Both run without TensorFlow's own optimiser, which changes answers by as much as ours does.
    /// - Throws: `wrong-answer` where the model yields something that is no number and the graph did not, or another shape; TensorFlow's refusal of
    ///   the model.
    package func compare(_ model: ConvertedModel, writtenTo folder: String) throws -> Outcome {
        guard model.randomOperations.isEmpty else {
            return .skipped("it has random operations: \(model.randomOperations.prefix(3).joined(separator: ", "))")
        }
        let feeds: [(name: String, tensor: Tensor)]
        let expected: [Tensor]
        let outputs = model.signature.outputs.values.compactMap(\.name).sorted()
        do {
            var samples = SampleInputs(seed: 1)
            feeds = try samples.tensors(for: model.signature)
            expected = try self.runReference(model, feeds: feeds, fetches: outputs)
        } catch {
            return .skipped("the graph does not run on inputs that were made up: \(error)")
        }
        let core = try SessionCore(library: self.library, folder: folder, tags: SavedModel.servingTags.sorted(), options: .withoutOptimizer)
        defer { core.destroy() }
        let found = try core.run(feeds: feeds, fetches: outputs, timeoutMilliseconds: nil)
        var difference = Difference()
        for (name, (before, after)) in zip(outputs, zip(expected, found)) { try difference.add(before, after, name) }
        return .compared(difference)
    }

    /// The graph with its big constants fed instead of imported: TensorFlow would copy them several times.
    private func runReference(_ model: ConvertedModel, feeds: [(name: String, tensor: Tensor)], fetches: [String]) throws -> [Tensor] {
        let graph = try model.referenceGraph()
        let core = try SessionCore(library: self.library, graphDef: graph.graphDef, options: .withoutOptimizer)
        defer { core.destroy() }
        var all = feeds
        for constant in graph.constants {
            let tensor = try unsafe Tensor(dataType: constant.dataType, shape: constant.shape) { memory in
                var offset = 0
                try constant.forEachChunk { chunk in
                    unsafe chunk.withUnsafeBytes { bytes in
                        // Sound: the chunks have as many bytes together as the tensor, whose size is that of its type and shape.
                        unsafe UnsafeMutableRawBufferPointer(rebasing: memory[offset..<(offset + bytes.count)]).copyMemory(from: bytes)
                    }
                    offset += chunk.count
                }
            }
            all.append((constant.tensorName, tensor))
        }
        return try core.run(feeds: all, fetches: fetches, timeoutMilliseconds: nil)
    }
}

extension TensorFlowConversionCheck.Difference {
    /// Takes in another output.
    fileprivate mutating func add(_ before: Tensor, _ after: Tensor, _ name: String) throws {
        guard before.shape == after.shape, before.dataType == after.dataType else {
            throw Self.wrong("\(name) has shape \(after.shape) and type \(after.dataType), before \(before.shape) and \(before.dataType)")
        }
        guard let old = before.approximateNumbers, let new = after.approximateNumbers else {
            let isEqual = before.strings == after.strings && before.withBytes { [UInt8](copying: $0) } == after.withBytes { [UInt8](copying: $0) }
            guard isEqual else { throw Self.wrong("\(name) has other values") }
            return
        }
        let largest = old.reduce(0) { $1.isFinite ? max($0, abs($1)) : $0 }
        for (x, y) in zip(old, new) where x != y && !(x.isNaN && y.isNaN) {
            guard y.isFinite || !x.isFinite else { throw Self.wrong("\(name) yields \(y) where the graph yielded \(x)") }
            self.absolute = max(self.absolute, abs(x - y))
        }
        if largest > 0 { self.relative = max(self.relative, self.absolute / largest) }
    }

    private static func wrong(_ text: String) -> SavedModelError {
        SavedModelError(
            .wrongAnswer, "the converted model computes something else than its graph: \(text)",
            remedy: "nothing was written; convert with --keep-graph, and report the graph")
    }
}

extension Tensor {
    /// The elements as doubles; `nil` for types that have no numbers or are compared by nobody.
    fileprivate var approximateNumbers: [Double]? {
        switch self.dataType {
        case .float: self.values(as: Float.self)?.map { Double($0) }
        case .double: self.values(as: Double.self)
        case .int32: self.values(as: Int32.self)?.map { Double($0) }
        case .int64: self.values(as: Int64.self)?.map { Double($0) }
        case .uint8: self.values(as: UInt8.self)?.map { Double($0) }
        default: nil
        }
    }
}
