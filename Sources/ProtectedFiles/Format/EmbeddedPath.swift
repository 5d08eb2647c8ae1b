// SPDX-License-Identifier: Apache-2.0

/// The path stored in a protected file's authenticated metadata: what the file will be opened as.
///
/// Gramine 1.4 and later normalise the path of an opened file and compare bytes, so only a normalised path is of use. Normalising
/// is textual: no file system, no symbolic links, bytes and not characters.
struct EmbeddedPath: Hashable, Sendable {
    /// Longest path in bytes; the field has one more, for the terminating zero.
    static let maximumLength = 771

    let bytes: [UInt8]

    /// Normalises a path as Gramine does.
    ///
    /// Empty and `.` components go, `x/..` is resolved, leading `..` of a relative path stay and those of an absolute one go,
    /// one leading slash stays, a trailing one goes.
    init(normalizing path: String) throws(ProtectedFileError) {
        let source = path.utf8
        guard !source.contains(0) else { throw ProtectedFileError(.pathHasNull, "a path holds a zero byte") }
        let isAbsolute = source.first == UInt8(ascii: "/")
        let components = Self.resolve(source.split(separator: UInt8(ascii: "/")), isAbsolute: isAbsolute)
        guard !components.isEmpty else { throw ProtectedFileError(.pathEmpty, "the path “\(path)” names no file") }
        let normalized = (isAbsolute ? [UInt8(ascii: "/")] : []) + components.joined(separator: [UInt8(ascii: "/")])
        guard normalized.count <= Self.maximumLength else {
            throw ProtectedFileError(.pathTooLong, "the path to embed has \(normalized.count) bytes, more than \(Self.maximumLength)")
        }
        self.bytes = normalized
    }

    /// Keeps a path as some tool stored it, normalised or not.
    init(stored bytes: [UInt8]) { self.bytes = bytes }

    /// A folder's path in the form in which the paths of its files begin: empty for the folder in which everything is relative.
    static func normalizedFolder(_ path: String) -> String {
        let probe = try? EmbeddedPath(normalizing: path)
        return probe?.description ?? (path.utf8.first == UInt8(ascii: "/") ? "/" : "")
    }

    /// What a file below a mounted folder is opened as, not yet normalised.
    static func join(_ mountPath: String, _ relative: String) throws(ProtectedFileError) -> String {
        // Without this, everything would move to the root.
        guard !mountPath.isEmpty else { throw ProtectedFileError(.pathEmpty, "the mount path of a folder is empty") }
        return "\(mountPath)/\(relative)"
    }

    private static func resolve(_ components: [Substring.UTF8View], isAbsolute: Bool) -> [Substring.UTF8View] {
        var resolved: [Substring.UTF8View] = []
        for component in components where !component.elementsEqual(".".utf8) {
            guard component.elementsEqual("..".utf8) else {
                resolved.append(component)
                continue
            }
            if let last = resolved.last, !last.elementsEqual("..".utf8) {
                resolved.removeLast()
            } else if !isAbsolute {
                resolved.append(component)
            }
        }
        return resolved
    }
}

extension EmbeddedPath: CustomStringConvertible {
    var description: String { String(decoding: self.bytes, as: UTF8.self) }
}
