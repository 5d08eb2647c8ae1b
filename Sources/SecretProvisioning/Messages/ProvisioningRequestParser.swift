// SPDX-License-Identifier: Apache-2.0

/// Reads a ``ProvisioningRequest`` from a stream that may be cut anywhere.
///
/// The server side of the protocol as a value: bytes in, what to do out, no socket.
public struct ProvisioningRequestParser: Sendable {
    /// What the stream has held so far.
    public enum Progress: Hashable, Sendable {
        /// Not the whole request yet.
        case incomplete
        /// The request is whole. Bytes after it belong to an application dialogue, of which this protocol knows nothing.
        case complete
    }

    private var matched = 0

    /// Starts before the first byte.
    public init() {}

    /// Number of bytes that are still missing.
    public var remaining: Int { ProvisioningRequest.bytes.count - self.matched }

    /// Takes the next bytes of the stream.
    ///
    /// - Throws: ``SecretProvisioningError/Code-swift.struct/badRequest`` at the first byte that cannot belong to a request: there is no answer to it but to close.
    public mutating func receive(_ bytes: Span<UInt8>) throws(SecretProvisioningError) -> Progress {
        var index = 0
        while index < bytes.count, self.remaining > 0 {
            guard bytes[index] == ProvisioningRequest.bytes[self.matched] else {
                throw SecretProvisioningError(
                    .badRequest, "the request differs from version 1 of the protocol at byte \(self.matched)",
                    remedy: "the peer is no secret-provisioning client, or one of an unknown version")
            }
            index += 1
            self.matched += 1
        }
        return self.remaining == 0 ? .complete : .incomplete
    }

    /// Says that the stream has ended.
    ///
    /// - Throws: ``SecretProvisioningError/Code-swift.struct/badRequest`` unless the request is whole.
    public func finish() throws(SecretProvisioningError) {
        guard self.remaining == 0 else {
            throw SecretProvisioningError(
                .badRequest, "the connection ended after \(self.matched) of \(ProvisioningRequest.bytes.count) bytes of the request",
                remedy: "look at the client's own log: it may have ended, or may not accept this server's certificate")
        }
    }
}
