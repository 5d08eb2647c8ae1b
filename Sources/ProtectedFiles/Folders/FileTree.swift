// SPDX-License-Identifier: Apache-2.0

internal import ByteCoding

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The files and folders below a folder, in the order of their names.
///
/// Anything else (devices, sockets, and symbolic links unless they may be followed) is an error: a model of which a part was silently
/// left out is worse than none.
struct FileTree: Sendable {
    enum Kind: Sendable { case file, folder }

    struct File: Sendable {
        /// Path below the folder.
        let path: String
        /// Length in bytes when the folder was listed.
        let size: Int
    }

    /// What tells one folder from another, however it is reached.
    private struct Identity: Hashable {
        let device: UInt64
        let number: UInt64

        init(_ status: stat) {
            self.device = UInt64(truncatingIfNeeded: status.st_dev)
            self.number = UInt64(truncatingIfNeeded: status.st_ino)
        }
    }

    /// Deepest nesting that is read.
    private static let maximumDepth = 128

    /// Relative paths of the folders, parents before children.
    private(set) var folders: [String] = []
    /// The regular files.
    private(set) var files: [File] = []
    private let followingLinks: Bool

    init(of folder: String, followingLinks: Bool = false) throws {
        self.followingLinks = followingLinks
        var status = stat()
        guard unsafe stat(folder, &status) == 0 else { throw FileError(.open, path: folder) }
        try self.add(folder, relative: "", above: [Identity(status)])
    }

    /// Bytes in all files.
    var totalSize: Int { self.files.reduce(0) { $0 &+ $1.size } }

    /// Takes a file at the top of the folder out of the list; whether it was there.
    mutating func remove(_ name: String) -> Bool {
        guard let index = self.files.firstIndex(where: { $0.path == name }) else { return false }
        self.files.remove(at: index)
        return true
    }

    /// What the user's own argument names, whose symbolic links are always followed.
    static func kind(of path: String) throws -> Kind {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { throw FileError(.open, path: path) }
        let type = status.st_mode & S_IFMT
        guard type == S_IFREG || type == S_IFDIR else {
            throw ProtectedFileError(
                .notARegularFile, "\(path) is neither a regular file nor a folder",
                remedy: "name a file; a stream is read from standard input: --input -")
        }
        return try self.kind(status, path)
    }

    /// Makes the tree's folders below another one.
    func makeFolders(in root: String, permissions: UInt32) throws {
        for folder in self.folders {
            let path = "\(root)/\(folder)"
            guard unsafe mkdir(path, mode_t(permissions)) == 0 else { throw FileError(.create, path: path) }
        }
    }

    private mutating func add(_ folder: String, relative: String, above: Set<Identity>) throws {
        guard above.count <= Self.maximumDepth else { throw FileError(.open, path: folder, systemError: ELOOP) }
        for name in try Self.names(in: folder) {
            let path = "\(folder)/\(name)"
            let inner = relative.isEmpty ? name : "\(relative)/\(name)"
            var status = stat()
            guard unsafe self.followingLinks ? stat(path, &status) == 0 : lstat(path, &status) == 0 else { throw FileError(.open, path: path) }
            switch try Self.kind(status, path) {
            case .file: self.files.append(File(path: inner, size: Int(status.st_size)))
            case .folder:
                let below = above.union([Identity(status)])
                // Only a link can lead to a folder that this one is in.
                guard below.count > above.count else { throw FileError(.open, path: path, systemError: ELOOP) }
                self.folders.append(inner)
                try self.add(path, relative: inner, above: below)
            }
        }
    }

    private static func kind(_ status: stat, _ path: String) throws -> Kind {
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .file
        case S_IFDIR: return .folder
        case S_IFLNK:
            throw ProtectedFileError(
                .notARegularFile, "\(path) is a symbolic link",
                remedy: "pass --follow-links to read what it points to, or take it out of the input")
        default: throw ProtectedFileError(.notARegularFile, "\(path) is neither a regular file nor a folder")
        }
    }

    /// The names in a folder, sorted by their bytes.
    private static func names(in folder: String) throws -> [String] {
        guard let stream = unsafe opendir(folder) else { throw FileError(.open, path: folder) }
        // Sound: the stream is closed once, after its last use, and an entry's name is copied before the next readdir(3).
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = unsafe readdir(stream) else { break }
            let bytes = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { unsafe Array($0.prefix { $0 != 0 }) }
            guard let name = String(validating: bytes, as: UTF8.self) else {
                let shown = String(decoding: bytes, as: UTF8.self)
                throw ProtectedFileError(.pathNotUTF8, "the name of \(folder)/\(shown) is not UTF-8")
            }
            if name != ".", name != ".." { names.append(name) }
        }
        guard errno == 0 else { throw FileError(.read, path: folder) }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}
