/// What a sealing or opening did.
public struct ProtectedFileSummary: Hashable, Sendable, Codable {
    /// Number of files.
    public private(set) var files: Int
    /// Bytes of plaintext in them.
    public private(set) var bytes: Int

    init(files: Int, bytes: Int) {
        self.files = files
        self.bytes = bytes
    }

    mutating func add(_ bytes: Int) {
        self.files += 1
        self.bytes += bytes
    }
}
