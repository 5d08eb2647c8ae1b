// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@Suite("sealwright model run", .enabled(if: TensorFlowSetUp.isThere, "needs TensorFlow (make tensorflow)"))
struct ModelRunCommandTests {
    /// `y = -x` on pictures of 2 by 2 pixels, and `z`, which repeats a text.
    private static let graph = """
        node { name: "x" op: "Placeholder" attr { key: "dtype" value { type: DT_FLOAT } }
          attr { key: "shape" value { shape { dim { size: -1 } dim { size: 2 } dim { size: 2 } dim { size: 3 } } } } }
        node { name: "y" op: "Neg" input: "x" attr { key: "T" value { type: DT_FLOAT } } }
        versions { producer: 1882 }
        """

    private struct Answer: Decodable {
        struct Output: Decodable {
            let dtype: String
            let shape: [Int]
        }
        let outputs: [String: Output]
    }

    private func model(_ scratch: ScratchFolder, _ more: String...) async throws -> String {
        try scratch.write(Array(Self.graph.utf8), to: "graph.pbtxt")
        let made = try await BuiltCommand.run(
            ["model", "convert", "--input", scratch.file("graph.pbtxt"), "--outputs", "y", "--output", scratch.file("model")] + more)
        #expect(made.status == 0, "\(made.error)")
        #expect(made.error.contains("compared with the graph: answers differ by at most 0.0") == more.contains("--check"))
        return scratch.file("model")
    }

    /// NumPy's file of floats.
    private static func numPy(_ type: String, _ shape: String, _ data: [UInt8]) -> [UInt8] {
        let header = "{'descr': '\(type)', 'fortran_order': False, 'shape': \(shape), }\n"
        return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8) + data
    }

    private static let pixels: [Float] = (0..<12).map { Float($0) }
    private static let bytes = Self.pixels.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> ($0 * 8)) } }

    @Test("JSON and NumPy arrays give the same answer, a missing dimension of the batch is added")
    func arrays() async throws {
        let scratch = try ScratchFolder()
        let folder = try await self.model(scratch, "--check")
        try scratch.write(Self.numPy("<f4", "(2, 2, 3)", Self.bytes), to: "x.npy")
        let json = "[[[[0,1,2],[3,4,5]],[[6,7,8],[9,10,11]]]]"
        let first = try await BuiltCommand.run("model", "run", folder, "--input", "x=\(json)", "--json")
        #expect(first.status == 0, "\(first.error)")
        #expect(first.output.contains("-11"))
        let second = try await BuiltCommand.run("model", "run", "\(folder)/1", "--input", "x=@\(scratch.file("x.npy"))", "--json")
        #expect(second.output == first.output, "\(second.error)")
    }

    @Test("a picture is decoded, resized and normalised")
    func picture() async throws {
        let scratch = try ScratchFolder()
        let folder = try await self.model(scratch, "--without-tensorflow")
        // A bitmap of 1 by 1 pixel: blue 10, green 20, red 30.
        let header: [UInt8] = [0x42, 0x4d, 58, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 24, 0]
        try scratch.write(header + [UInt8](repeating: 0, count: 24) + [10, 20, 30, 0], to: "x.bmp")
        let result = try await BuiltCommand.run(
            "model", "run", folder, "--input", "x=@\(scratch.file("x.bmp"))", "--image-mean", "10,10,10", "--image-scale", "0.5", "--json")
        #expect(result.status == 0, "\(result.error)")
        let answer = try JSONDecoder().decode(Answer.self, from: Data(result.output.utf8))
        #expect(answer.outputs["y"]?.shape == [1, 2, 2, 3])
        // Minus half of (30 - 10, 20 - 10, 10 - 10), four times.
        #expect(result.output.contains("[-10.0, -5.0, -0.0]"))
    }

    @Test(
        "what does not fit is refused by name",
        arguments: [
            (["--input", "q=1"], 64, "unknown-input"), ([], 64, "missing-input"), (["--input", "x=[1]"], 65, "bad-input"),
            (["--signature", "other", "--input", "x=1"], 65, "unknown-signature"), (["--input", "x=@bad.npy"], 65, "bad-npy"),
            (["--input", "x=@short.npy"], 65, "tensor-size-mismatch"), (["--input", "x=@other.npy"], 65, "bad-input"),
            (["--input", "x=@no.npy"], 66, "unreadable-file"), (["--input", "x=@bad.npz"], 65, "bad-archive"),
        ])
    func refusals(arguments: [String], status: Int32, identifier: String) async throws {
        let scratch = try ScratchFolder()
        let folder = try await self.model(scratch, "--without-tensorflow")
        try scratch.write([1, 2, 3], to: "bad.npy")
        try scratch.write([1, 2, 3], to: "bad.npz")
        try scratch.write(Self.numPy("<f4", "(2, 2, 3)", Array(Self.bytes.dropLast())), to: "short.npy")
        try scratch.write(Self.numPy("<f4", "(2, 2)", Array(Self.bytes.prefix(16))), to: "other.npy")
        let result = try await BuiltCommand.run(["model", "run", folder] + arguments, workingDirectory: scratch.path)
        #expect(result.status == status, "\(result.error)")
        #expect(result.error.contains("[\(identifier)]"), "\(result.error)")
    }
}
