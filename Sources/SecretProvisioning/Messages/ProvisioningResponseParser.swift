// SPDX-License-Identifier: Apache-2.0

public import ByteCoding

/// Reads a ``ProvisioningResponse`` from a stream that may be cut anywhere.
///
/// The client side of the protocol as a value. It owns the secret's bytes while they arrive and wipes them when it goes.
public struct ProvisioningResponseParser: ~Copyable {
    /// What the stream has held so far.
    public enum Progress: Hashable, Sendable {
        /// Not the whole secret yet.
        case incomplete
        /// The secret is whole: take it with ``takeSecret()``.
        case complete
    }

    private let sizeLimit: Int
    private var header: [UInt8] = []
    private let arriving = ArrivingSecret()
    /// The size that the server announced; `nil` before the header is whole.
    private var secretCount: Int?

    /// Starts before the first byte.
    ///
    /// - Parameter sizeLimit: the largest secret that is accepted, in bytes. It bounds what a server can make this process allocate.
    public init(sizeLimit: Int) {
        self.sizeLimit = min(sizeLimit, ProvisioningResponse.largestSecret)
    }

    /// Whether anything has come at all.
    public var hasBegun: Bool { !self.header.isEmpty }

    /// Takes the next bytes of the stream.
    ///
    /// Bytes after the secret belong to an application dialogue and are passed over.
    ///
    /// - Throws: ``SecretProvisioningError/Code-swift.struct/badResponse`` for anything but version 1 of the protocol,
    ///   ``SecretProvisioningError/Code-swift.struct/badSecretSize`` for an announced size of zero or beyond the limit.
    public mutating func receive(_ bytes: Span<UInt8>) throws(SecretProvisioningError) -> Progress {
        var index = 0
        while index < bytes.count, self.secretCount == nil {
            try self.receiveHeaderByte(bytes[index])
            index += 1
        }
        guard let secretCount = self.secretCount else { return .incomplete }
        let taken = min(bytes.count - index, secretCount - self.arriving.bytes.count)
        for offset in index..<(index + taken) { self.arriving.bytes.append(bytes[offset]) }
        return self.arriving.bytes.count == secretCount ? .complete : .incomplete
    }

    /// Says that the stream has ended.
    ///
    /// - Throws: ``SecretProvisioningError/Code-swift.struct/refused`` when nothing at all has come, which is how a broker says no;
    ///   ``SecretProvisioningError/Code-swift.struct/badResponse`` when the answer is cut short.
    public func finish() throws(SecretProvisioningError) {
        guard !self.header.isEmpty else { throw .refusedByBroker("it closed the connection without an answer") }
        guard let secretCount = self.secretCount else {
            throw Self.badResponse("the answer ended after \(self.header.count) of \(ProvisioningResponse.headerLength) bytes of its header")
        }
        guard self.arriving.bytes.count == secretCount else {
            throw Self.badResponse("the answer ended after \(self.arriving.bytes.count) of \(secretCount) bytes of the secret")
        }
    }

    /// Hands out the secret once it is whole.
    ///
    /// - Throws: as ``finish()`` while it is not.
    public consuming func takeSecret() throws(SecretProvisioningError) -> SecretBytes {
        try self.finish()
        return self.arriving.take()
    }

    private mutating func receiveHeaderByte(_ byte: UInt8) throws(SecretProvisioningError) {
        let position = self.header.count
        guard position >= ProvisioningResponse.prefix.count || byte == ProvisioningResponse.prefix[position] else {
            throw Self.badResponse("the answer differs from version 1 of the protocol at byte \(position)")
        }
        self.header.append(byte)
        guard self.header.count == ProvisioningResponse.headerLength else { return }
        let size = self.header.suffix(4).reduce(0) { $0 << 8 | Int($1) }
        guard size > 0, size <= self.sizeLimit else {
            throw SecretProvisioningError(
                .badSecretSize, "the broker announced a secret of \(size) bytes; 1 to \(self.sizeLimit) are accepted",
                remedy: "check which secret the broker's policy releases to this enclave")
        }
        self.secretCount = size
        // Reserved once, so that growing leaves no copies of the secret behind.
        self.arriving.bytes.reserveCapacity(size)
    }

    private static func badResponse(_ problem: String) -> SecretProvisioningError {
        SecretProvisioningError(.badResponse, problem, remedy: "check that the address is a key broker's and read the broker's log")
    }
}

/// The bytes of a secret that is still arriving, wiped in place when nobody holds them any more.
private final class ArrivingSecret {
    var bytes: [UInt8] = []

    /// Moves the bytes out, so that what held them here is wiped and not shared.
    func take() -> SecretBytes {
        var taken: [UInt8] = []
        swap(&taken, &self.bytes)
        let secret = SecretBytes(copying: taken.span)
        wipe(&taken)
        return secret
    }

    deinit { wipe(&self.bytes) }
}

extension SecretProvisioningError {
    /// A broker that refused, and where the reason is to be found: the protocol carries none.
    static func refusedByBroker(_ how: String) -> SecretProvisioningError {
        SecretProvisioningError(
            .refused, "the key broker refused this enclave: \(how)",
            remedy: "the broker's log has the reason: the decision names the failed check, what was expected and what was found")
    }
}
