// SPDX-License-Identifier: Apache-2.0

import SavedModels
import TestSupport
import Testing

@testable import TensorFlowRuntime

@Suite("Sessions", .enabled(if: Engine.isInstalled))
struct SessionTests {
    @Test("every test model of TensorFlow Serving gives its known answer", .enabled(if: Engine.hasModel("README.md")), arguments: KnownAnswer.all)
    func knownAnswer(known: KnownAnswer) async throws {
        let session = try await Session(library: try Engine.library(), savedModelDirectory: Engine.model(known.model))
        #expect(try await session.floats(known.fed, shape: known.shape, into: known.input, from: known.output) == known.expected)
        await session.close()
    }

    @Test("mixed precision is asked for and the answers stay what they are", .enabled(if: Engine.hasModel("half_plus_two_cpu")))
    func mixedPrecision() async throws {
        var options = SessionOptions()
        #expect(try Self.mixedPrecision(in: options.encoded) == nil)
        options.mixesPrecision = true
        #expect(try Self.mixedPrecision(in: options.encoded) == 1)
        let session = try await Session(
            library: try Engine.library(), savedModelDirectory: Engine.model("half_plus_two_cpu/00000123"), options: options)
        #expect(try await session.floats([1, 2, 5], shape: [3, 1], into: "x:0", from: "y:0") == [2.5, 3, 4.5])
        await session.close()
    }

    /// ConfigProto.graph_options.rewrite_options.auto_mixed_precision_onednn_bfloat16, of which 1 is on.
    private static func mixedPrecision(in configuration: [UInt8]) throws -> UInt64? {
        var message = 0..<configuration.count
        for number in [10, 10] {
            guard let field = try Self.field(number, of: configuration, in: message) else { return nil }
            message = try field.bytes()
        }
        guard case .varint(let value) = try Self.field(31, of: configuration, in: message)?.value else { return nil }
        return value
    }

    private static func field(_ number: Int, of bytes: [UInt8], in message: Range<Int>) throws -> WireField? {
        var reader = WireReader(bytes.span, in: message)
        while let field = try reader.nextField() { if field.number == number { return field } }
        return nil
    }

    @Test("a stateful model counts, and what it answered before does not change", .enabled(if: Engine.hasModel("counter")))
    func counter() async throws {
        let session = try await Session(library: try Engine.library(), savedModelDirectory: Engine.model("counter/00000123"))
        var answers: [Tensor] = []
        for _ in 1...3 {
            answers += try await session.run(
                feeds: [("delta:0", try Tensor([2.5] as [Float], shape: []))], fetches: ["incr_counter_by_op/AssignAdd:0"])
        }
        #expect(answers.map { $0.values(as: Float.self) } == [[2.5], [5.0], [7.5]])
    }

    @Test("many runs at once each get their own answer", .enabled(if: Engine.hasModel("half_plus_two_cpu")))
    func concurrency() async throws {
        let session = try await Session(library: try Engine.library(), savedModelDirectory: Engine.model("half_plus_two_cpu/00000123"))
        try await withThrowingTaskGroup(of: (Float, [Float]?).self) { group in
            for number in 0..<200 {
                group.addTask { (Float(number), try await session.floats([Float(number)], shape: [1, 1], into: "x:0", from: "y:0")) }
            }
            for try await (number, answer) in group { #expect(answer == [number / 2 + 2]) }
        }
        await session.close()
    }

    @Test(
        "names of tensors that are not there are refused", .enabled(if: Engine.hasModel("half_plus_two_cpu")),
        arguments: ["z:0", "y:1", "y:-1", "y:00", "y:", ":0", "", "^y", "y:99999999999999999999"])
    func unknownTensor(name: String) async throws {
        let session = try await Session(library: try Engine.library(), savedModelDirectory: Engine.model("half_plus_two_cpu/00000123"))
        let error = await #expect(throws: TensorFlowError.self) { try await session.run(feeds: [], fetches: [name]) }
        #expect(error?.identifier == "unknown-tensor")
        #expect(error?.code == .invalidArgument)
    }

    @Test("TensorFlow's own refusals come through with code and words", .enabled(if: Engine.hasModel("half_plus_two_cpu")))
    func wrongType() async throws {
        let session = try await Session(library: try Engine.library(), savedModelDirectory: Engine.model("half_plus_two_cpu/00000123"))
        let error = await #expect(throws: TensorFlowError.self) {
            try await session.run(feeds: [("x:0", try Tensor(strings: [[1]], shape: [1, 1]))], fetches: ["y:0"])
        }
        #expect(error?.code == .invalidArgument)
        #expect(error?.identifier == "tensorflow-invalid-argument")
        #expect(error?.message.contains("to be float but string is provided") == true)
    }

    @Test("without soft placement a model for a GPU is refused", .enabled(if: Engine.hasModel("half_plus_two_gpu")))
    func hardPlacement() async throws {
        var options = SessionOptions()
        options.allowsSoftPlacement = false
        let error = await #expect(throws: TensorFlowError.self) {
            try await Session(library: try Engine.library(), savedModelDirectory: Engine.model("half_plus_two_gpu/00000123"), options: options)
        }
        #expect(error?.code == .invalidArgument)
    }

    @Test("a missing folder and other tags are NOT_FOUND", .enabled(if: Engine.hasModel("half_plus_two_cpu")))
    func notFound() async throws {
        let library = try Engine.library()
        let missing = await #expect(throws: TensorFlowError.self) { try await Session(library: library, savedModelDirectory: "/does/not/exist") }
        #expect(missing?.code == .notFound)
        let tags = await #expect(throws: TensorFlowError.self) {
            try await Session(library: library, savedModelDirectory: Engine.model("half_plus_two_cpu/00000123"), tags: ["serve", "gpu"])
        }
        #expect(tags?.code == .notFound)
    }

    @Test(
        "a run that takes longer than it may is ended by TensorFlow, also one that may take no time",
        arguments: [.milliseconds(20), .zero] as [Duration])
    func timeout(limit: Duration) async throws {
        let scratch = try ScratchFolder()
        let session = try await Session(library: try Engine.library(), savedModelDirectory: try TinyModel.write(TinyModel.endless, into: scratch))
        let error = await #expect(throws: TensorFlowError.self) { try await session.run(feeds: [], fetches: ["next:0"], timeout: limit) }
        #expect(error?.code == .deadlineExceeded)
    }

    @Test("closing waits for the runs under way, refuses new ones, and may be done twice")
    func closing() async throws {
        let scratch = try ScratchFolder()
        let session = try await Session(library: try Engine.library(), savedModelDirectory: try TinyModel.write(TinyModel.endless, into: scratch))
        await withTaskGroup(of: TensorFlowError?.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    do {
                        _ = try await session.run(feeds: [], fetches: ["next:0"], timeout: .milliseconds(50))
                        return nil
                    } catch { return error as? TensorFlowError }
                }
            }
            group.addTask {
                await session.close()
                return nil
            }
            await session.close()
            // A run that came after the closing was refused; one that came before ran to its end. Neither crashed.
            for await error in group where error != nil { #expect(error?.code == .deadlineExceeded || error?.identifier == "session-closed") }
        }
        let error = await #expect(throws: TensorFlowError.self) { try await session.run(feeds: [], fetches: ["next:0"]) }
        #expect(error?.identifier == "session-closed")
    }

    @Test("a model whose checkpoint is missing is refused when it is loaded", .enabled(if: Engine.hasModel("half_plus_two_cpu")))
    func missingVariables() async throws {
        let scratch = try ScratchFolder()
        let folder = try Engine.copy("half_plus_two_cpu/00000123", into: scratch)
        try Engine.remove("\(folder)/variables/variables.index")
        let error = await #expect(throws: TensorFlowError.self) { try await Session(library: try Engine.library(), savedModelDirectory: folder) }
        #expect(error?.identifier == "missing-variables")
    }
}
