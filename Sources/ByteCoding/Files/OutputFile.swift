// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

#if os(Linux)
    /// `O_TMPFILE` of `<fcntl.h>`, a compound macro that Swift does not import (the value of all 64-bit Linux platforms).
    private let namelessFile: Int32 = 0o20_000_000 | O_DIRECTORY
#endif

/// A file that appears whole or not at all.
///
/// Bytes go to an invisible file in the destination's folder; ``commit()`` makes them durable and gives them the
/// destination's name in one step. Without a commit nothing is left behind: on Linux the kernel itself removes an
/// `O_TMPFILE` when the process ends, however it ends.
package struct OutputFile: ~Copyable {
    private let descriptor: Int32
    private let path: String
    private let replacing: Bool
    /// Name of the file until the commit, where the file system has no nameless files.
    private var temporaryPath: String?

    /// Starts an output that will appear at `path`, with mode `permissions`: `0o600` for anything secret.
    ///
    /// A file already at `path` is only replaced if `replacing` says so.
    package init(path: String, permissions: UInt32, replacing: Bool) throws(FileError) {
        self.path = path
        self.replacing = replacing
        if !replacing, unsafe access(path, F_OK) == 0 { throw FileError(.publish, path: path, systemError: EEXIST) }
        let folder = parentFolder(of: path)
        #if os(Linux)
            let nameless = unsafe open(folder, O_RDWR | namelessFile | O_CLOEXEC, permissions)
            if nameless >= 0 {
                self.descriptor = nameless
                self.temporaryPath = nil
                return
            }
        #endif
        let named = temporaryName(for: path)
        let descriptor = unsafe open(named, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, permissions)
        guard descriptor >= 0 else { throw FileError(.create, path: path) }
        self.descriptor = descriptor
        self.temporaryPath = named
    }

    deinit {
        close(self.descriptor)
        if let temporaryPath = self.temporaryPath { unsafe unlink(temporaryPath) }
    }

    /// Appends bytes at the current position.
    package func write(_ bytes: Span<UInt8>) throws(FileError) {
        try unsafe self.writeAll(bytes) { pointer, count, _ in unsafe Self.writeHere(self.descriptor, pointer, count) }
    }

    /// Appends a range of another file within the kernel, and returns how many bytes were: fewer than asked for where it cannot do that.
    func appendInKernel(from file: borrowing InputFile, _ range: Range<Int>) throws(FileError) -> Int {
        #if os(Linux)
            var offset = off_t(range.lowerBound)
            while offset < range.upperBound {
                let copied = unsafe sendfile(self.descriptor, file.descriptor, &offset, range.upperBound - Int(offset))
                if copied < 0, errno == EINTR { continue }
                // An error is the caller's to meet again when it writes the rest: some file systems cannot do this and can do that.
                if copied <= 0 { break }
            }
            return Int(offset) - range.lowerBound
        #else
            return 0
        #endif
    }

    /// Writes bytes at `offset`, leaving the current position as it is.
    package func write(_ bytes: Span<UInt8>, at offset: Int) throws(FileError) {
        try unsafe self.writeAll(bytes) { pointer, count, done in unsafe pwrite(self.descriptor, pointer, count, off_t(offset + done)) }
    }

    /// Reads back up to `count` bytes at `offset`; fewer only at the end of what was written.
    package func read(at offset: Int, count: Int) throws(FileError) -> [UInt8] {
        try readBytes(of: self.descriptor, path: self.path, at: offset, count: count)
    }

    /// Makes the bytes durable and gives them their name.
    ///
    /// - Throws: a ``FileError`` with `EEXIST` when the destination exists and may not be replaced.
    package consuming func commit() throws(FileError) {
        guard fsync(self.descriptor) == 0 else { throw FileError(.write, path: self.path) }
        if self.temporaryPath == nil { try self.linkNameless() }
        guard let temporaryPath = self.temporaryPath else { return }
        if self.replacing {
            guard unsafe rename(temporaryPath, self.path) == 0 else { throw FileError(.publish, path: self.path) }
            self.temporaryPath = nil
        } else {
            // link(2) refuses to replace, which rename(2) cannot; the temporary name goes with `deinit`.
            guard unsafe link(temporaryPath, self.path) == 0 else { throw FileError(.publish, path: self.path) }
        }
    }

    /// Names an `O_TMPFILE`: at once where nothing is replaced, else under a temporary name that is then renamed.
    private mutating func linkNameless() throws(FileError) {
        let source = "/proc/self/fd/\(self.descriptor)"
        let target = self.replacing ? temporaryName(for: self.path) : self.path
        guard unsafe linkat(AT_FDCWD, source, AT_FDCWD, target, AT_SYMLINK_FOLLOW) == 0 else { throw FileError(.publish, path: self.path) }
        if self.replacing { self.temporaryPath = target }
    }

    private static func writeHere(_ descriptor: Int32, _ pointer: UnsafePointer<UInt8>, _ count: Int) -> Int {
        #if canImport(Darwin)
            unsafe Darwin.write(descriptor, pointer, count)
        #else
            unsafe Glibc.write(descriptor, pointer, count)
        #endif
    }

    private func writeAll(
        _ bytes: Span<UInt8>, with call: (UnsafePointer<UInt8>, _ count: Int, _ done: Int) -> Int
    ) throws(FileError) {
        var systemError: Int32 = 0
        unsafe bytes.withUnsafeBufferPointer { buffer in
            // Sound: `done` stays below the buffer's count, and the calls read no more than `count - done` bytes.
            guard let start = buffer.baseAddress else { return }
            var done = 0
            while done < buffer.count {
                let written = unsafe call(start + done, buffer.count - done, done)
                if written >= 0 {
                    done += written
                } else if errno != EINTR {
                    systemError = errno
                    return
                }
            }
        }
        guard systemError == 0 else { throw FileError(.write, path: self.path, systemError: systemError) }
    }
}

extension OutputFile {
    /// Writes `bytes` to `path` in one step.
    package static func write(_ bytes: [UInt8], to path: String, permissions: UInt32, replacing: Bool) throws(FileError) {
        let file = try OutputFile(path: path, permissions: permissions, replacing: replacing)
        try file.write(bytes.span)
        try file.commit()
    }
}
