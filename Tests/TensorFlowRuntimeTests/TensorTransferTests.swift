// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import SavedModels
import TensorFlowRuntime
import TestSupport
import Testing

@Suite("Tensors through TensorFlow", .enabled(if: Engine.isInstalled))
struct TensorTransferTests {
    /// Every type of numbers that TensorFlow 2.18 has.
    static let numbers: [DataType] = [
        .float, .double, .int32, .uint8, .int16, .int8, .complex64, .int64, .bool, .qint8, .quint8, .qint32, .bfloat16, .qint16, .quint16, .uint16,
        .complex128, .half, .uint32, .uint64, .float8E5M2, .float8E4M3FN, .int4, .uint4,
    ]

    private func roundTrip(_ tensor: Tensor) async throws -> Tensor {
        let scratch = try ScratchFolder()
        let session = try await Session(
            library: try Engine.library(), savedModelDirectory: try TinyModel.write(TinyModel.identity(tensor.dataType), into: scratch))
        let results = try await session.run(feeds: [("x", tensor)], fetches: ["y:0"])
        await session.close()
        return try #require(results.first)
    }

    @Test("numbers of every type come back as they went in", arguments: numbers)
    func everyType(type: DataType) async throws {
        let size = try #require(type.elementSize)
        let bytes = (0..<6 * size).map { type == .bool ? UInt8($0 & 1) : UInt8($0) }
        let sent = try unsafe Tensor(dataType: type, shape: [3, 2]) { unsafe $0.copyBytes(from: bytes) }
        let received = try await self.roundTrip(sent)
        #expect(received.dataType == type)
        #expect(received.shape == [3, 2])
        #expect(received.withBytes { [UInt8](copying: $0) } == bytes)
    }

    @Test("tensors without elements survive, of every type", arguments: numbers + [.string])
    func noElements(type: DataType) async throws {
        for shape in [[0], [2, 0], [0, 3, 0]] {
            let sent = type == .string ? try Tensor(strings: [], shape: shape) : try unsafe Tensor(dataType: type, shape: shape) { _ in }
            let received = try await self.roundTrip(sent)
            #expect(received.shape == shape)
            #expect(received.dataType == type)
            #expect(received.withBytes { $0.count } == 0)
            #expect(received.strings == (type == .string ? [] : nil))
        }
    }

    @Test("strings come back byte for byte: empty, short, long, not text")
    func strings() async throws {
        // TensorFlow holds up to 22 bytes in the string itself.
        let strings = [[], [0], Array("short".utf8)] + [22, 23, 100_000].map { [UInt8](repeating: 0xff, count: $0) }
        let received = try await self.roundTrip(try Tensor(strings: strings, shape: [2, 3]))
        #expect(received.strings == strings)
        #expect(received.shape == [2, 3])
        let scalar = try await self.roundTrip(try Tensor(strings: [Array("one".utf8)], shape: []))
        #expect(scalar.strings == [Array("one".utf8)])
        #expect(scalar.shape == [])
    }

    @Test("an output that shares its input's memory outlives the input and the session")
    func sharedMemory() async throws {
        var sent: Tensor? = try Tensor((0..<1000).map { Float($0) }, shape: [1000])
        let received = try await self.roundTrip(try #require(sent))
        sent = nil
        #expect(received.values(as: Float.self) == (0..<1000).map { Float($0) })
        // And once more as an input.
        #expect(try await self.roundTrip(received).values(as: Float.self) == (0..<1000).map { Float($0) })
    }

    @Test("a type that this TensorFlow does not know is refused", arguments: [DataType.float8E4M3FNUZ, .int2, .float4E2M1FN])
    func unknownType(type: DataType) async throws {
        let scratch = try ScratchFolder()
        let folder = try TinyModel.write(TinyModel.identity(.float), into: scratch)
        let session = try await Session(library: try Engine.library(), savedModelDirectory: folder)
        let tensor = try unsafe Tensor(dataType: type, shape: [1]) { _ in }
        let error = await #expect(throws: TensorFlowError.self) { try await session.run(feeds: [("x", tensor)], fetches: ["y"]) }
        #expect(error?.identifier == "unsupported-data-type")
    }
}
