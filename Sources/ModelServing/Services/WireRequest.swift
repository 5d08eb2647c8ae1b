// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import GRPCCore
import SwiftProtobuf

/// A request that is read off the wire by our own code, because some of its bytes are wanted as they are.
protocol WireRequest: Sendable {
    init(_ bytes: Span<UInt8>) throws
}

extension SwiftProtobuf.Message {
    /// The message with the fields of a serialised one added to it, as protobuf merges what it meets twice.
    func merging(_ bytes: Span<UInt8>, in range: Range<Int>) throws -> Self {
        var message = self
        try message.merge(serializedBytes: [UInt8](copying: bytes.extracting(range)))
        return message
    }
}

/// Lends a request's bytes to its own reader.
struct WireRequestDeserializer<Request: WireRequest>: MessageDeserializer {
    func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) throws -> Request {
        do {
            return try unsafe bytes.withUnsafeBytes { buffer in
                // Sound: the span is used only while the bytes are lent.
                try Request(unsafe Span(_unsafeElements: buffer.bindMemory(to: UInt8.self)))
            }
        } catch {
            throw RPCError(code: .invalidArgument, message: "the request is no protobuf message of its type", cause: error)
        }
    }
}
