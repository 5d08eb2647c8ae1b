// SPDX-License-Identifier: Apache-2.0

package import GRPCCore
import SavedModels
import SwiftProtobuf
import TensorFlowProtos
import TensorFlowRuntime

/// The answer to a Predict request, a PredictResponse that copies its tensors' elements once, from TensorFlow's memory to the bytes to be sent.
package struct PredictAnswer: Sendable {
    /// A part of the serialised message.
    private enum Piece: Sendable {
        case bytes([UInt8])
        case elements(Tensor)
    }

    private var pieces: [Piece] = []
    /// The size of the serialised message.
    package private(set) var byteCount = 0

    /// Puts an answer together.
    ///
    /// - Parameters:
    ///   - spec: which version answered.
    ///   - outputs: the tensors by their aliases.
    ///   - asContent: whether elements are written to `tensor_content` instead of typed fields.
    /// - Throws: `UNIMPLEMENTED` for an output whose data type does not travel in a TensorProto.
    init(_ spec: Tensorflow_Serving_ModelSpec, _ outputs: [(alias: String, tensor: Tensor)], asContent: Bool) throws(RequestError) {
        // PredictResponse: map<string, TensorProto> outputs = 1, ModelSpec model_spec = 2.
        for (alias, tensor) in outputs {
            var head = WireWriter()
            head.write(field: 1, text: alias)
            guard let proto = TensorPieces(tensor, asContent: asContent) else {
                throw RequestError(.unimplemented, "output \(alias) has a data type that cannot be sent: \(tensor.dataType)")
            }
            head.writeHead(field: 2, length: proto.byteCount)
            var entry = WireWriter()
            entry.writeHead(field: 1, length: head.bytes.count + proto.byteCount)
            self.append(entry.bytes + head.bytes + proto.head)
            if proto.hasElements { self.append(tensor) }
        }
        var tail = WireWriter()
        tail.write(field: 2, bytes: Self.serialized(spec))
        self.append(tail.bytes)
    }

    private mutating func append(_ bytes: [UInt8]) {
        self.pieces.append(.bytes(bytes))
        self.byteCount += bytes.count
    }

    private mutating func append(_ tensor: Tensor) {
        self.pieces.append(.elements(tensor))
        self.byteCount += tensor.withBytes { $0.count }
    }

    /// Nothing in a ModelSpec can keep it from being serialised.
    private static func serialized(_ spec: Tensorflow_Serving_ModelSpec) -> [UInt8] { (try? spec.serializedBytes()) ?? [] }

    /// Writes the message into a buffer of ``byteCount`` bytes.
    fileprivate func write(into buffer: UnsafeMutableRawBufferPointer) {
        // Sound: the pieces are as long as the buffer altogether, and `copyMemory` checks each.
        var offset = 0
        func copy(_ source: UnsafeRawBufferPointer) {
            unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[offset...]).copyMemory(from: source)
            offset += source.count
        }
        for piece in self.pieces {
            switch piece {
            case .bytes(let bytes): unsafe bytes.withUnsafeBytes { unsafe copy($0) }
            case .elements(let tensor): tensor.withBytes { unsafe $0.withUnsafeBytes { unsafe copy($0) } }
            }
        }
    }

    /// The serialised message.
    package func serialized<Bytes: GRPCContiguousBytes>() -> Bytes {
        var bytes = Bytes(repeating: 0, count: self.byteCount)
        unsafe bytes.withUnsafeMutableBytes { unsafe self.write(into: $0) }
        return bytes
    }
}

/// A TensorProto in two parts: what comes first, and the elements where they go to the wire as they lie in memory.
private struct TensorPieces {
    let head: [UInt8]
    let hasElements: Bool
    let byteCount: Int

    init?(_ tensor: Tensor, asContent: Bool) {
        guard let field = Self.fieldOfElements(tensor, asContent: asContent) else {
            guard let proto = Tensorflow_TensorProto(tensor, asContent: asContent), let bytes: [UInt8] = try? proto.serializedBytes() else {
                return nil
            }
            self.head = bytes
            self.hasElements = false
            self.byteCount = bytes.count
            return
        }
        // TensorProto: dtype = 1, tensor_shape = 2. TensorShapeProto: dim = 2, which has size = 1.
        var writer = WireWriter()
        writer.write(field: 1, varint: UInt64(tensor.dataType.rawValue))
        writer.write(field: 2) { shape in
            for size in tensor.shape {
                shape.write(field: 2) { if size != 0 { $0.write(field: 1, varint: UInt64(size)) } }
            }
        }
        let count = tensor.withBytes { $0.count }
        self.hasElements = count > 0
        if count > 0 { writer.writeHead(field: field, length: count) }
        self.head = writer.bytes
        self.byteCount = writer.bytes.count + count
    }

    /// The field whose contents are a tensor's elements as they lie in memory; `nil` where they have to be encoded one by one.
    private static func fieldOfElements(_ tensor: Tensor, asContent: Bool) -> Int? {
        guard let dataType = Tensorflow_DataType(rawValue: Int(tensor.dataType.rawValue)), let layout = ElementLayout(dataType) else { return nil }
        switch layout.field {
        case .string: return nil
        case _ where asContent: return 4
        case .float: return 5
        case .double: return 6
        case .scomplex: return 9
        case .dcomplex: return 12
        default: return nil
        }
    }
}

/// Sends a ``PredictAnswer``.
struct PredictAnswerSerializer: MessageSerializer {
    func serialize<Bytes: GRPCContiguousBytes>(_ answer: PredictAnswer) -> Bytes { answer.serialized() }
}
