// SPDX-License-Identifier: Apache-2.0

internal import ByteCoding
internal import Crypto

/// The 128-bit key under which files are sealed: Gramine's wrap key, also called KDK.
///
/// Its storage is wiped when the last copy of the value is gone.
public struct WrapKey: Sendable {
    /// Length of a wrap key in bytes.
    public static let byteCount = 16

    let key: SymmetricKey

    private init(_ key: SymmetricKey) { self.key = key }

    /// Takes a copy of a key's 16 bytes; wiping the source is the caller's business.
    ///
    /// - Throws: ``ProtectedFileError`` with the code `bad-key-size` for any other length.
    public init(_ bytes: Span<UInt8>) throws(ProtectedFileError) {
        guard bytes.count == Self.byteCount else { throw Self.badSize(bytes.count, of: "the wrap key") }
        self.key = SymmetricKey(copying: bytes)
    }

    /// Reads a key file of exactly 16 raw bytes.
    ///
    /// - Throws: ``ProtectedFileError`` with the code `bad-key-size`, or the system's failure to read the file.
    public init(contentsOfFile path: String) throws {
        let file = try InputFile(path: path)
        guard file.count == Self.byteCount else { throw Self.badSize(file.count, of: "the wrap key in \(path)") }
        var bytes = try file.read(at: 0, count: Self.byteCount)
        defer { wipe(&bytes) }
        try self.init(bytes.span)
    }

    /// Makes a new key from the system's random number generator.
    public static func random() -> WrapKey { WrapKey(SymmetricKey(size: .bits128)) }

    /// Writes the key to a file of 16 raw bytes that only its owner may read.
    ///
    /// - Parameters:
    ///   - path: the key file to make.
    ///   - replacing: whether a file already at `path` may be replaced, which makes everything sealed under it unreadable.
    /// - Throws: the system's failure to write the file, or that it exists.
    public func write(toFile path: String, replacing: Bool) throws {
        var bytes = self.withBytes { [UInt8](copying: $0) }
        defer { wipe(&bytes) }
        try OutputFile.write(bytes, to: path, permissions: 0o600, replacing: replacing)
    }

    /// Lends the key's bytes for the duration of `body`.
    package func withBytes<Result>(_ body: (Span<UInt8>) throws -> Result) rethrows -> Result { try self.key.withSpan(body) }

    private static func badSize(_ count: Int, of what: String) -> ProtectedFileError {
        ProtectedFileError(.badKeySize, "\(what) has \(count) bytes, not \(Self.byteCount)")
    }
}

extension WrapKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// A fixed text: keys are never shown.
    public var description: String { "<redacted wrap key>" }

    /// A fixed text: keys are never shown.
    public var debugDescription: String { self.description }

    /// An empty mirror: keys are never shown.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
