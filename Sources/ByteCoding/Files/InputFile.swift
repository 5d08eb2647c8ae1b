// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file opened for reading at any offset, from any thread.
package struct InputFile: ~Copyable, Sendable {
    let descriptor: Int32
    package let path: String
    /// Length in bytes when the file was opened.
    package let count: Int

    /// Opens a regular file.
    package init(path: String) throws(FileError) {
        // Without O_NONBLOCK, opening a named pipe would wait for its other end.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw FileError(.open, path: path) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            let systemError = status.st_mode & S_IFMT == S_IFDIR ? EISDIR : EINVAL
            close(descriptor)
            throw FileError(.open, path: path, systemError: systemError)
        }
        self.descriptor = descriptor
        self.path = path
        self.count = Int(status.st_size)
    }

    deinit { close(self.descriptor) }

    /// Reads up to `count` bytes at `offset`; fewer only at the end of the file.
    package func read(at offset: Int, count: Int) throws(FileError) -> [UInt8] {
        try readBytes(of: self.descriptor, path: self.path, at: offset, count: count)
    }

    /// Reads a whole file of at most `limit` bytes.
    package static func readAll(_ path: String, limit: Int = 1 << 31) throws(FileError) -> [UInt8] {
        let file = try InputFile(path: path)
        guard file.count <= limit else { throw .tooLarge(path, limit: limit) }
        return try file.read(at: 0, count: file.count)
    }
}

/// Reads up to `count` bytes at `offset`; fewer only at the end of the file.
func readBytes(of descriptor: Int32, path: String, at offset: Int, count: Int) throws(FileError) -> [UInt8] {
    var systemError: Int32 = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initializedCount in
        // Sound: no more than `count` bytes are stored, and exactly `done` of them are declared initialized.
        guard let start = buffer.baseAddress else { return }
        var done = 0
        while done < count {
            let got = unsafe pread(descriptor, start + done, count - done, off_t(offset + done))
            if got > 0 {
                done += got
            } else if got == 0 {
                break
            } else if errno != EINTR {
                systemError = errno
                break
            }
        }
        initializedCount = done
    }
    guard systemError == 0 else { throw FileError(.read, path: path, systemError: systemError) }
    return bytes
}
