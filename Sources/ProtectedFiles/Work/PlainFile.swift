// SPDX-License-Identifier: Apache-2.0

internal import ByteCoding

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A regular file opened for reading at any offset, from any thread, that notices when somebody writes to it.
final class PlainFile: Sendable {
    /// What changes when a file is written to.
    private struct Stamp: Equatable {
        let size: Int
        let seconds: Int
        let nanoseconds: Int

        init(_ status: stat) {
            self.size = Int(status.st_size)
            #if canImport(Darwin)
                self.seconds = status.st_mtimespec.tv_sec
                self.nanoseconds = status.st_mtimespec.tv_nsec
            #else
                self.seconds = status.st_mtim.tv_sec
                self.nanoseconds = status.st_mtim.tv_nsec
            #endif
        }
    }

    let path: String
    private let descriptor: Int32
    private let stamp: Stamp

    /// Length in bytes when the file was opened.
    var count: Int { self.stamp.size }

    /// Opens a file.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - followingLinks: whether `path` may be a symbolic link.
    /// - Throws: the system's failure, or `not-a-regular-file`.
    init(path: String, followingLinks: Bool = true) throws {
        // Without O_NONBLOCK, opening a named pipe would wait for its other end.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | (followingLinks ? 0 : O_NOFOLLOW))
        guard descriptor >= 0 else {
            if errno == ELOOP, !followingLinks { throw ProtectedFileError(.notARegularFile, "\(path) is a symbolic link") }
            throw FileError(.open, path: path)
        }
        self.descriptor = descriptor
        self.path = path
        var status = stat()
        let isKnown = unsafe fstat(descriptor, &status) == 0
        self.stamp = Stamp(status)
        // The descriptor is closed by `deinit`, which runs now that every property has a value.
        guard isKnown else { throw FileError(.open, path: path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            if status.st_mode & S_IFMT == S_IFDIR { throw FileError(.open, path: path, systemError: EISDIR) }
            throw ProtectedFileError(.notARegularFile, "\(path) is not a regular file")
        }
    }

    deinit { close(self.descriptor) }

    /// Fills a buffer from `offset` on; fewer bytes only at the end of the file.
    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
        guard let start = buffer.baseAddress else { return 0 }
        var done = 0
        while done < buffer.count {
            // Sound: `done` stays below the buffer's count.
            let got = unsafe pread(self.descriptor, start + done, buffer.count - done, off_t(offset + done))
            if got > 0 {
                done += got
            } else if got == 0 {
                break
            } else if errno != EINTR {
                throw FileError(.read, path: self.path)
            }
        }
        return done
    }

    /// Throws `input-changed` when the file was written to since it was opened.
    func requireUnchanged() throws {
        var status = stat()
        guard unsafe fstat(self.descriptor, &status) == 0 else { throw FileError(.read, path: self.path) }
        let now = Stamp(status)
        guard now == self.stamp else { throw self.changed(now.size) }
        // Files that the system makes up as they are read have no length of their own.
        var byte: UInt8 = 0
        let excess = try unsafe withUnsafeMutableBytes(of: &byte) { buffer throws(FileError) in try unsafe self.read(at: self.count, into: buffer) }
        guard excess == 0 else { throw self.changed(self.count + excess) }
    }

    func changed(_ size: Int) -> ProtectedFileError {
        ProtectedFileError(.inputChanged, "\(self.path) was written to while it was read: it had \(self.count) bytes at first, then \(size)")
    }
}
