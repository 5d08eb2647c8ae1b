// SPDX-License-Identifier: Apache-2.0

import Foundation
import SavedModels
import TensorFlowRuntime
import TestSupport
import Testing

@Suite(
    "Converted graphs in TensorFlow", .serialized,
    .enabled(if: GraphVectors.exist && TensorFlowSetUp.isThere, "needs the graph vectors and TensorFlow (make tensorflow)"))
struct TensorFlowConversionTests {
    /// How a graph is converted: plainly, optimised, with variables, or both.
    enum Form: CaseIterable {
        case plain, optimized, variables, both, defaults

        func options(_ vector: GraphVectors.Vector) -> ConversionOptions {
            var options = vector.options
            switch self {
            case .plain: return options.keepingGraph
            case .optimized: options.variableThreshold = nil
            case .variables:
                options.optimizes = false
                options.variableThreshold = 1
            case .both: options.variableThreshold = 1
            case .defaults: break
            }
            return options
        }
    }

    private func convert(_ vector: GraphVectors.Vector, _ form: Form = .defaults) throws -> ConvertedModel {
        let library = try TensorFlowLibrary.load()
        return try GraphConverter(GraphIndex(decoding: try vector.bytes()), options: form.options(vector))
            .convert(with: TensorFlowGraphInference(library: library), catalog: try TensorFlowOperationCatalog(library: library))
    }

    @Test("the signature is what TensorFlow infers", arguments: GraphVectors.valid)
    func signature(vector: GraphVectors.Vector) throws {
        let expected = try #require(vector.signature)
        let signature = try convert(vector).signature
        for (tensors, wanted) in [(signature.inputs, expected.inputs), (signature.outputs, expected.outputs)] {
            #expect(tensors.count == wanted.count)
            for (name, tensor) in wanted {
                let info = try #require(tensors[name.replacing(":", with: "_")])
                #expect(info.name == tensor.tensor)
                #expect(info.dataType.name == tensor.dtype)
                #expect(info.shape.dimensions == tensor.shape)
            }
        }
    }

    @Test("the model loads and gives the sample's answer in every form", arguments: GraphVectors.valid, Form.allCases)
    func answer(vector: GraphVectors.Vector, form: Form) async throws {
        let sample = try #require(vector.sample)
        let scratch = try ScratchFolder()
        let model = try convert(vector, form)
        try model.write(to: scratch.file("model"), version: 1, replacing: false)
        let session = try await Session(library: try TensorFlowLibrary.load(), savedModelDirectory: scratch.file("model/1"))
        let names = sample.outputs.keys.sorted()
        let feeds = try sample.inputs.map { (name: $0.contains(":") ? $0 : $0 + ":0", tensor: try $1.tensor()) }
        let answers = try await session.run(feeds: feeds, fetches: names.map { $0.contains(":") ? $0 : $0 + ":0" })
        await session.close()
        for (name, answer) in zip(names, answers) {
            let expected = try #require(sample.outputs[name])
            #expect(answer.shape == expected.shape)
            #expect(answer.dataType.name == expected.dtype)
            if let base64 = expected.base64 {
                #expect(answer.strings == base64.map { [UInt8](Data(base64Encoded: $0)!) })
            } else {
                let numbers = try #require(answer.numbers)
                let values = try #require(expected.values)
                try #require(numbers.count == values.count)
                let tolerance = max(sample.tolerance, form == .plain ? 0 : vector.optimize?.tolerance ?? 0)
                #expect(zip(numbers, values).allSatisfy { abs($0 - $1) <= tolerance * max(1, abs($1)) })
            }
        }
    }

    @Test("TensorFlow's own list finds the operation that does not exist")
    func unknownOperation() throws {
        let vector = try #require(GraphVectors.refused.first { $0.id == "bad-unknown-op" })
        let failure = #expect(throws: SavedModelError.self) { try convert(vector) }
        #expect(failure?.code == .unknownOperation)
    }
}

extension GraphVectors.Vector.Value {
    fileprivate func tensor() throws -> Tensor {
        if let base64 = self.base64 { return try Tensor(strings: base64.map { [UInt8](Data(base64Encoded: $0)!) }, shape: self.shape) }
        let values = try #require(self.values)
        return switch self.dtype {
        case "DT_INT32": try Tensor(values.map { Int32($0) }, shape: self.shape)
        case "DT_INT64": try Tensor(values.map { Int64($0) }, shape: self.shape)
        default: try Tensor(values.map { Float($0) }, shape: self.shape)
        }
    }
}

extension Tensor {
    fileprivate var numbers: [Double]? {
        self.values(as: Float.self).map { $0.map(Double.init) } ?? self.values(as: Int32.self).map { $0.map(Double.init) }
            ?? self.values(as: Int64.self).map { $0.map(Double.init) }
    }
}
