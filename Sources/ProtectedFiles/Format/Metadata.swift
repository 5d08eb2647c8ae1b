// SPDX-License-Identifier: Apache-2.0

internal import ByteCoding

/// What a metadata node holds in encrypted form.
struct Metadata: Sendable {
    static let pathFieldByteCount = EmbeddedPath.maximumLength + 1
    static let byteCount = pathFieldByteCount + 8 + NodeEntry.byteCount + NodeGeometry.inlineSize

    /// The embedded path, as it is stored and without its terminating zero.
    let path: [UInt8]
    /// Any value: authenticated, but not yet compared with the file's length.
    let plaintextSize: UInt64
    /// Opens the root of the key tree; without meaning in a file that has none.
    let root: NodeEntry
    /// The plaintext's first 3072 bytes; without meaning beyond its size.
    let inline: DecryptedNode

    init(path: EmbeddedPath, plaintextSize: Int, root: NodeEntry, inline: Span<UInt8>) {
        self.path = path.bytes
        self.plaintextSize = UInt64(plaintextSize)
        self.root = root
        self.inline = DecryptedNode(inline)
    }

    /// Takes the decrypted part of a metadata node apart.
    init(decoding plaintext: Span<UInt8>, of name: String) throws {
        var reader = ByteReader(plaintext)
        let field = try reader.readArray(Self.pathFieldByteCount)
        guard let end = field.firstIndex(of: 0) else {
            throw ProtectedFileError(.badPath, "the embedded path of \(name) has no end within its \(Self.pathFieldByteCount) bytes")
        }
        self.path = Array(field[..<end])
        self.plaintextSize = try reader.readLittleEndian(UInt64.self)
        self.root = NodeEntry(decoding: try reader.readBytes(NodeEntry.byteCount))
        self.inline = DecryptedNode(try reader.readBytes(NodeGeometry.inlineSize))
        try reader.requireEnd()
    }

    /// Puts the fields together; the result holds key material, which the caller wipes.
    func encode() -> [UInt8] {
        var writer = ByteWriter(reservingCapacity: Self.byteCount)
        writer.write(self.path)
        writer.writeZeros(Self.pathFieldByteCount - self.path.count)
        writer.writeLittleEndian(self.plaintextSize)
        let rootOffset = writer.bytes.count
        writer.writeZeros(NodeEntry.byteCount)
        self.inline.withBytes { writer.write(span: $0) }
        writer.writeZeros(Self.byteCount - writer.bytes.count)
        var bytes = writer.bytes
        self.root.encode(into: &bytes, at: rootOffset)
        return bytes
    }
}
