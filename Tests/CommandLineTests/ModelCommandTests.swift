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
        #expect(made.error.contains("unknown-shape"))
        #expect(scratch.contents == ["models", "models/linear", "models/linear/3", "models/linear/3/saved_model.pb", "models/linear/3/variables"])

        let shown = try await BuiltCommand.run("model", "show", scratch.file("models/linear"))
        #expect(shown.status == 0)
        #expect(shown.output.contains("signature serving_default: tensorflow/serving/predict"))
        #expect(shown.output.contains("input   x        DT_FLOAT  (-1, 3)       x:0"))
        #expect(shown.output.contains("output  predict  DT_FLOAT  unknown_rank  predict:0"))
        #expect(shown.output == made.output)
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
        }
        let scratch = try ScratchFolder()
        #expect(try await convert(scratch, "--version", "1").status == 0)
        let result = try await BuiltCommand.run("model", "show", scratch.file("models/linear/1"), "--json")
        let shown = try JSONDecoder().decode([Shown].self, from: Data(result.output.utf8))
        #expect(shown.map(\.version) == [1])
        #expect(shown.first?.tags == ["serve"])
        #expect(shown.first?.modelBytes ?? 0 > 350)
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
            ("linear.pb", "x", "^predict", 64, "bad-option"), ("linear-text.pbtxt", "x", "predict", 65, "not-a-graph"),
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
}
