// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import SavedModels
import TensorFlowRuntime
import TestSupport
import Testing

@testable import ModelServing

@Suite("saved_model_config.pb")
struct SavedModelConfigTests {
    @Test(
        "what it overrides is read and laid over the session's options",
        arguments: [
            ([], nil, false, []),
            // Overrides of nothing turn the optimizer on, whatever the server was told.
            ([0x0a, 0x00], false, false, [0x52, 0x05, 0x52, 0x03, 0x98, 0x01, 0]),
            ([0x0a, 0x02, 0x18, 0x01], true, false, [0x52, 0x05, 0x52, 0x03, 0x98, 0x01, 1]),
            ([0x0a, 0x04, 0x12, 0x00, 0x18, 0x00], false, true, [0x52, 0x05, 0x52, 0x03, 0x98, 0x01, 0]),
            ([0x12, 0x02, 0x18, 0x01], nil, false, []),
        ] as [([UInt8], Bool?, Bool, [UInt8])])
    func reading(bytes: [UInt8], disables: Bool?, asks: Bool, configuration: [UInt8]) throws {
        let config = try SavedModelConfig(decoding: bytes)
        #expect(config.disablesOptimizer == disables)
        #expect(config.asksForRewriters == asks)
        var options = SessionOptions()
        config.apply(to: &options)
        #expect(options.configuration == configuration)
    }

    @Test("what is cut off is refused", arguments: 1..<4)
    func truncation(length: Int) {
        let bytes = Array(([0x0a, 0x02, 0x18, 0x01] as [UInt8]).prefix(length))
        #expect(throws: WireError.self) { try SavedModelConfig(decoding: bytes) }
    }

    @Test(
        "models of TensorFlow Serving that have one are served", .enabled(if: ServedModels.areThere, "needs TensorFlow's library and its models"),
        arguments: [("half_plus_two_cpu_with_saved_model_config", 1), ("half_plus_two_cpu_with_empty_saved_model_config", 0)])
    func served(name: String, warnings: Int) async throws {
        let (texts, text) = AsyncStream<String>.makeStream()
        var loader = ModelLoader(
            library: try TensorFlowLibrary.load(), session: SessionOptions(), keys: nil,
            sealed: SealedModels(mountPath: nil, manifests: [], log: { _ in }),
            batching: nil, warmUp: nil, admission: Admission(), metrics: ServingMetrics())
        loader.log = { text.yield($0) }
        let model = ServedModel(name: name, basePath: SharedVectors.model("tf-serving/\(name)"))
        let version = try #require(try ServableFolder(path: model.basePath).versions.first)
        let loaded = try await loader.load(model, version)
        let outputs = try await loaded.run(feeds: [("x:0", try Tensor([4 as Float], shape: [1, 1]))], fetches: ["y:0"], timeout: nil)
        #expect(outputs.first?.values(as: Float.self) == [4])
        text.finish()
        var count = 0
        for await text in texts where text.contains("asks for graph rewriters") { count += 1 }
        #expect(count == warnings)
    }
}
