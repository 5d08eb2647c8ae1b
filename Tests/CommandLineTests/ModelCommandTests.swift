// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@Suite("sealwright model")
struct ModelCommandTests {
    private static let graph = SharedVectors.path("graphs/linear.pb")
    private static let present = SharedVectors.exist("graphs/linear.pb")

    private func convert(_ scratch: ScratchFolder, input: String = Self.graph, inputs: String = "x", outputs: String = "predict", _ more: String...)
        async throws
        -> BuiltCommand.Result
    {
        try await BuiltCommand.run(
            [
                "model", "convert", "--input", input, "--inputs", inputs, "--outputs", outputs, "--output", scratch.file("models/linear"),
                "--without-tensorflow",
            ] + more)
    }

    @Test("convert makes a version that show lists", .enabled(if: Self.present))
    func convertAndShow() async throws {
        let scratch = try ScratchFolder()
        let made = try await convert(scratch, "--version", "3")
        #expect(made.status == 0, "\(made.error)")
        #expect(made.output.contains("(version 3)"))
        #expect(scratch.contents == ["models", "models/linear", "models/linear/3", "models/linear/3/saved_model.pb", "models/linear/3/variables"])

        let shown = try await BuiltCommand.run("model", "show", scratch.file("models/linear"))
        #expect(shown.status == 0)
        #expect(shown.output.contains("signature serving_default: tensorflow/serving/predict"))
        #expect(shown.output.contains("input   x        DT_FLOAT  (-1, 3)  x:0"))
        #expect(shown.output.contains("output  predict  DT_FLOAT  (-1, 2)  predict:0"))
        #expect(shown.output.hasPrefix(made.output))
        #expect(shown.output.contains("operations: Const 2, AddV2 1, MatMul 1, Placeholder 1"))
        #expect(shown.output.contains("parameters: 8"))
    }

    @Test("show --json names every fact", .enabled(if: Self.present))
    func json() async throws {
        struct Shown: Decodable {
            struct Tensor: Decodable {
                let dtype: String
                let shape: [Int]?
            }
            struct Signature: Decodable {
                let method: String
                let inputs: [String: Tensor]
            }
            let version: Int
            let tags: [String]
            let modelBytes: Int
            let signatures: [String: Signature]
            let graph: Graph
            let parameters: Int
            struct Graph: Decodable {
                let nodes: Int
                let producer: Int
            }
        }
        let scratch = try ScratchFolder()
        #expect(try await convert(scratch, "--version", "1").status == 0)
        let result = try await BuiltCommand.run("model", "show", scratch.file("models/linear/1"), "--json")
        let shown = try JSONDecoder().decode([Shown].self, from: Data(result.output.utf8))
        #expect(shown.map(\.version) == [1])
        #expect(shown.first?.tags == ["serve"])
        #expect(shown.first?.modelBytes ?? 0 > 350)
        #expect(shown.first?.graph.nodes == 5)
        #expect(shown.first?.graph.producer == 1882)
        #expect(shown.first?.parameters == 8)
        #expect(shown.first?.signatures["serving_default"]?.inputs["x"]?.shape == [-1, 3])
    }

    @Test("an existing version is kept unless forced", .enabled(if: Self.present))
    func force() async throws {
        let scratch = try ScratchFolder()
        #expect(try await convert(scratch).status == 0)
        let again = try await convert(scratch)
        #expect(again.status == 73)
        #expect(again.error.contains("[output-exists]"))
        #expect(try await convert(scratch, "--force").status == 0)
    }

    @Test(
        "each bad input has its status and its name, and leaves nothing behind", .enabled(if: Self.present),
        arguments: [
            ("linear.pb", "y", "predict", 65, "no-such-node"), ("linear.pb", "x", "predcit", 65, "no-such-node"),
            ("linear.pb", "x", "^predict", 64, "bad-option"),
            ("bad-truncated.pb", "x", "predict", 65, "not-a-graph"), ("bad-not-protobuf.pb", "x", "predict", 65, "not-a-graph"),
            ("bad-not-frozen.pb", "x", "predict", 65, "not-frozen"), ("no-such-file.pb", "x", "predict", 66, "unreadable-file"),
        ])
    func badInput(file: String, inputs: String, outputs: String, status: Int32, identifier: String) async throws {
        let scratch = try ScratchFolder()
        let result = try await convert(scratch, input: SharedVectors.path("graphs/\(file)"), inputs: inputs, outputs: outputs)
        #expect(result.status == status)
        #expect(result.error.contains("[\(identifier)]"), "\(result.error)")
        #expect(result.output.isEmpty)
        #expect(scratch.contents.isEmpty)
    }

    @Test("near names are offered", .enabled(if: Self.present))
    func nearNames() async throws {
        let result = try await convert(try ScratchFolder(), outputs: "predcit")
        #expect(result.error.contains("did you mean predict?"))
    }

    @Test(
        "wrong options are a wrong use", .enabled(if: Self.present),
        arguments: [["--version", "one"], ["--version", "-1"], ["--type", "x"], ["--type", "x=DT_NOTHING"]])
    func wrongOptions(options: [String]) async throws {
        let scratch = try ScratchFolder()
        let result = try await BuiltCommand.run(
            ["model", "convert", "--input", Self.graph, "--outputs", "predict", "--output", scratch.file("m"), "--without-tensorflow"] + options)
        #expect(result.status == 64)
        #expect(result.output.isEmpty)
    }

    @Test("a TensorFlow library that was named must be there", .enabled(if: Self.present))
    func missingLibrary() async throws {
        let scratch = try ScratchFolder()
        let result = try await BuiltCommand.run(
            "model", "convert", "--input", Self.graph, "--outputs", "predict", "--output", scratch.file("m"), "--tensorflow-library",
            scratch.file("none.so"))
        #expect(result.status == 69)
        #expect(result.error.contains("make tensorflow"))
        #expect(scratch.contents.isEmpty)
    }

    @Test("show says what is missing")
    func showNothing() async throws {
        let scratch = try ScratchFolder()
        let empty = try await BuiltCommand.run("model", "show", scratch.path)
        #expect(empty.status == 66)
        #expect(empty.error.contains("[no-versions]"))
        try scratch.write([0xff], to: "m/1/saved_model.pb")
        let damaged = try await BuiltCommand.run("model", "show", scratch.file("m"))
        #expect(damaged.status == 65)
        #expect(damaged.error.contains("[not-a-saved-model]"))
    }

    @Test("weights become variables by default, from the size on that is asked for", .enabled(if: Self.present))
    func variables() async throws {
        let scratch = try ScratchFolder()
        let made = try await convert(scratch, "--variable-threshold", "1")
        #expect(made.status == 0, "\(made.error)")
        #expect(made.error.contains("2 constants became variables (32 bytes)"))
        #expect(scratch.contents.contains("models/linear/1/variables/variables.index"))
        let shown = try await BuiltCommand.run("model", "show", scratch.file("models/linear"))
        #expect(shown.output.contains("checkpoint: 2 tensors, every checksum right"))
        // A flipped bit in a weight is found.
        let data = scratch.file("models/linear/1/variables/variables.data-00000-of-00001")
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: data)))
        bytes[0] ^= 1
        try Data(bytes).write(to: URL(fileURLWithPath: data))
        let damaged = try await BuiltCommand.run("model", "show", scratch.file("models/linear"))
        #expect(damaged.status == 65)
        #expect(damaged.error.contains("[damaged-variable]"))
        // A model without its checkpoint would load, and fail at its first run.
        try FileManager.default.removeItem(atPath: scratch.file("models/linear/1/variables/variables.index"))
        let missing = try await BuiltCommand.run("model", "show", scratch.file("models/linear"))
        #expect(missing.status == 65)
        #expect(missing.error.contains("[bad-checkpoint]"))
    }

    @Test("--keep-graph leaves the graph as it is", .enabled(if: SharedVectors.exist("graphs/bn-fused-v1-nhwc.pb")))
    func keepGraph() async throws {
        let scratch = try ScratchFolder()
        let graph = SharedVectors.path("graphs/bn-fused-v1-nhwc.pb")
        let kept = try await convert(scratch, input: graph, inputs: "input", "--keep-graph", "--variable-threshold", "1")
        #expect(kept.error.contains("kept 9 of 9 nodes\n"), "\(kept.error)")
        let folded = try await convert(scratch, input: graph, inputs: "input", "--force")
        #expect(folded.error.contains("kept 6 of 9 nodes, folded 1 batch normalisation\n"), "\(folded.error)")
    }

    @Test("the catalogue is listed, and a name that is not in it refused with its names")
    func catalogue() async throws {
        let listed = try await BuiltCommand.run("model", "fetch", "--list")
        #expect(listed.status == 0)
        #expect(listed.output.contains("resnet50-v15-fp32"))
        let unknown = try await BuiltCommand.run("model", "fetch", "resnet")
        #expect(unknown.status == 64)
        #expect(unknown.error.contains("[unknown-model]"))
        let plain = try await BuiltCommand.run("model", "fetch", "http://127.0.0.1:1/net.pb")
        #expect(plain.status == 77)
        #expect(plain.error.contains("[insecure-url]"))
    }
}
