// SPDX-License-Identifier: Apache-2.0

internal import CFileSystem

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A folder that appears whole or not at all.
///
/// It is built under ``workPath``, a sibling of the destination, which ``commit()`` renames. Without a commit the
/// work folder is removed when the value goes out of scope.
package struct OutputFolder: ~Copyable {
    private let path: String
    private let replacing: Bool
    /// Where the contents are to be written before the commit.
    package let workPath: String

    package init(path: String, permissions: UInt32 = 0o755, replacing: Bool) throws(FileError) {
        let trimmed = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        self.path = trimmed
        self.replacing = replacing
        self.workPath = temporaryName(for: trimmed)
        if !replacing, unsafe access(trimmed, F_OK) == 0 { throw FileError(.publish, path: trimmed, systemError: EEXIST) }
        guard unsafe mkdir(self.workPath, permissions) == 0 else { throw FileError(.create, path: trimmed) }
    }

    deinit { removeTree(self.workPath) }

    /// Writes one file of the folder, at a path relative to it, making the folders on the way.
    package borrowing func write(_ bytes: [UInt8], to name: String, permissions: UInt32) throws(FileError) {
        var folder = self.workPath
        for component in name.split(separator: "/").dropLast() {
            folder += "/\(component)"
            guard unsafe mkdir(folder, 0o755) == 0 || errno == EEXIST else { throw FileError(.create, path: folder) }
        }
        try OutputFile.write(bytes, to: "\(self.workPath)/\(name)", permissions: permissions, replacing: false)
    }

    /// Gives the folder its name.
    ///
    /// A folder that is replaced changes its name with the new one in one step, where the file system can, and is then removed.
    package consuming func commit() throws(FileError) {
        guard self.replacing, unsafe access(self.path, F_OK) == 0 else {
            guard unsafe rename(self.workPath, self.path) == 0 else { throw FileError(.publish, path: self.path) }
            return
        }
        // What was replaced now lies where the new folder was made, and goes with `deinit`.
        if unsafe sealwright_exchange(self.workPath, self.path) == 0 { return }
        guard errno == EINVAL || errno == ENOSYS else { throw FileError(.publish, path: self.path) }
        let old = temporaryName(for: self.path)
        guard unsafe rename(self.path, old) == 0 else { throw FileError(.publish, path: self.path) }
        guard unsafe rename(self.workPath, self.path) == 0 else {
            let systemError = errno
            unsafe rename(old, self.path)
            throw FileError(.publish, path: self.path, systemError: systemError)
        }
        removeTree(old)
    }
}

/// The folder in which `path` lies.
package func parentFolder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
}

/// A hidden name beside `path` that nobody else uses.
func temporaryName(for path: String) -> String {
    let name = path.split(separator: "/").last ?? "output"
    // File systems count bytes: a name that fits must still fit with what is added here.
    let beginning = String(decoding: name.utf8.prefix(100), as: UTF8.self)
    return "\(parentFolder(of: path))/.\(beginning).\(getpid()).\(UInt32.random(in: 0...UInt32.max)).partial"
}

/// Removes a file, or a folder with everything in it, following no links.
///
/// What cannot be removed stays.
private func removeTree(_ path: String) {
    if unsafe unlink(path) == 0 { return }
    // Sound: the stream is closed once, after its last use, and an entry's name is copied before the next readdir(3).
    guard let stream = unsafe opendir(path) else { return }
    while let entry = unsafe readdir(stream) {
        let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { field in
            unsafe field.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
        }
        guard name != ".", name != ".." else { continue }
        removeTree("\(path)/\(name)")
    }
    unsafe closedir(stream)
    unsafe rmdir(path)
}
