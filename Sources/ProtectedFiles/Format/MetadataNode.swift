// SPDX-License-Identifier: Apache-2.0

internal import ByteCoding

/// The first node of a protected file: a plain header, the encrypted ``Metadata``, and padding that nobody checks.
///
/// The versions differ by one byte of feature flags before the encrypted part; no flag concerns a reader of a file at rest.
struct MetadataNode: Sendable {
    static let magic = Array("GRAFS_PF".utf8)
    static let encryptedByteCount = Metadata.byteCount

    let version: FormatVersion
    /// Never checked by any reader.
    let minorVersion: UInt8
    /// Bit 0 means that a journal is to be replayed; zero in version 1, which has no flags.
    let featureFlags: UInt8
    let nonce: [UInt8]
    let tag: [UInt8]
    let ciphertext: [UInt8]

    /// Reads the header of a whole node.
    ///
    /// - Throws: `bad-magic` or `bad-version`; `name` is what the message calls the file.
    init(decoding node: Span<UInt8>, of name: String) throws {
        var reader = ByteReader(node)
        guard try reader.readArray(Self.magic.count) == Self.magic else {
            throw ProtectedFileError(.badMagic, "\(name) does not begin with GRAFS_PF")
        }
        let major = try reader.readUInt8()
        guard let version = FormatVersion(number: Int(major)) else {
            throw ProtectedFileError(.badVersion, "\(name) has major version \(major), not 1 or 2")
        }
        self.version = version
        self.minorVersion = try reader.readUInt8()
        self.nonce = try reader.readArray(MetadataKey.nonceByteCount)
        self.tag = try reader.readArray(NodeKey.tagByteCount)
        self.featureFlags = version == .version2 ? try reader.readUInt8() : 0
        self.ciphertext = try reader.readArray(Self.encryptedByteCount)
    }

    /// Encrypts metadata under a fresh nonce, so under a fresh key.
    init(sealing metadata: Metadata, version: FormatVersion, key: WrapKey) throws {
        let nonce = NodeCipher.current.randomBytes(MetadataKey.nonceByteCount)
        var plaintext = metadata.encode()
        defer { wipe(&plaintext) }
        var ciphertext: [UInt8] = []
        self.tag = try MetadataKey.derive(from: key, nonce: nonce.span).seal(plaintext.span, appendingTo: &ciphertext)
        self.version = version
        self.minorVersion = 0
        self.featureFlags = 0
        self.nonce = nonce
        self.ciphertext = ciphertext
    }

    /// Decrypts the metadata.
    ///
    /// - Throws: `metadata-auth` for another key or damage, `bad-path` for a path without end.
    func open(with key: WrapKey, of name: String) throws -> Metadata {
        var plaintext = [UInt8](repeating: 0, count: self.ciphertext.count)
        defer { wipe(&plaintext) }
        let metadataKey = try MetadataKey.derive(from: key, nonce: self.nonce.span)
        let isAuthentic = unsafe plaintext.withUnsafeMutableBytes {
            unsafe metadataKey.open(self.ciphertext.span, tag: self.tag.span, into: $0)
        }
        guard isAuthentic else {
            throw ProtectedFileError(.metadataAuthentication, "the metadata of \(name) is not authentic under this wrap key")
        }
        return try Metadata(decoding: plaintext.span, of: name)
    }

    func encode() -> [UInt8] {
        var writer = ByteWriter(reservingCapacity: NodeGeometry.nodeSize)
        writer.write(Self.magic)
        writer.write([self.version.number, 0])
        writer.write(self.nonce)
        writer.write(self.tag)
        if self.version == .version2 { writer.write([0]) }
        writer.write(self.ciphertext)
        writer.writeZeros(NodeGeometry.nodeSize - writer.bytes.count)
        return writer.bytes
    }
}
