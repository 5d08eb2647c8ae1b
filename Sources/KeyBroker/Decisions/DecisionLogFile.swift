// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import NIOPosix
import Synchronization

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A ``DecisionLog`` of JSON lines in a file that is only ever appended to.
public final class DecisionLogFile: DecisionLog {
    private let path: String
    private let descriptor: Int32
    /// Held while a line is written, so that one that was cut short is taken back before the next.
    private let writing = Mutex(())

    /// Opens the file, or makes it with mode 0600.
    ///
    /// A last line that a crash left without its end is closed, so that it spoils no other.
    ///
    /// - Throws: a file error.
    public init(path: String) throws {
        // Sound: the path is lent to the call as a terminated string.
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError(.create, path: path) }
        self.path = path
        self.descriptor = descriptor
        if try self.endsWithinLine() { try self.write([UInt8(ascii: "\n")]) }
    }

    deinit { close(self.descriptor) }

    /// Appends one line, off the event loops and off Swift's own threads: disks block.
    public func append(_ decision: Decision) async throws {
        let line = decision.json + [UInt8(ascii: "\n")]
        try await NIOThreadPool.singleton.runIfActive { try self.write(line) }
    }

    /// Looks whether the disk has room again.
    public func probe() async throws {
        try await NIOThreadPool.singleton.runIfActive {
            guard try DiskRoom(of: self.descriptor, path: self.path).isEnough else { throw self.failure(ENOSPC) }
        }
    }

    private func endsWithinLine() throws -> Bool {
        let size = lseek(self.descriptor, 0, SEEK_END)
        // Not a file that can be read back, such as a pipe.
        guard size > 0 else { return false }
        var last: UInt8 = 0
        // Sound: one byte is read into the one that is lent.
        guard unsafe pread(self.descriptor, &last, 1, size - 1) == 1 else { throw FileError(.read, path: self.path) }
        return last != UInt8(ascii: "\n")
    }

    /// Writes a whole line, or nothing.
    private func write(_ line: [UInt8]) throws {
        try self.writing.withLock { _ in
            let size = lseek(self.descriptor, 0, SEEK_END)
            // Sound: no more than the array's bytes are read, while they are lent.
            let written = unsafe line.withUnsafeBytes { buffer in unsafe systemWrite(self.descriptor, buffer.baseAddress, buffer.count) }
            guard written == line.count else {
                let reason = written < 0 ? errno : ENOSPC
                // What does not work here is mended when the file is opened the next time.
                if written > 0, size >= 0 { _ = ftruncate(self.descriptor, size) }
                throw self.failure(reason)
            }
        }
        guard fdatasync(self.descriptor) == 0 || errno == EINVAL else { throw self.failure(errno) }
    }

    private func failure(_ reason: Int32) -> KeyBrokerError {
        KeyBrokerError(
            .logFailed, "cannot write \(self.path): \(systemErrorDescription(reason))",
            remedy: "free some space or choose another --log; nothing is released meanwhile")
    }
}

/// `write(2)`, whose name the member of ``DecisionLogFile`` hides.
private func systemWrite(_ descriptor: Int32, _ buffer: UnsafeRawPointer?, _ count: Int) -> Int { unsafe write(descriptor, buffer, count) }
