// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import NIOPosix

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

    /// Opens the file, or makes it with mode 0600.
    ///
    /// - Throws: a file error.
    public init(path: String) throws {
        // Sound: the path is lent to the call as a terminated string.
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError(.create, path: path) }
        self.path = path
        self.descriptor = descriptor
    }

    deinit { close(self.descriptor) }

    /// Appends one line, off the event loops and off Swift's own threads: disks block.
    public func append(_ decision: Decision) async throws {
        let line = try Self.line(decision)
        try await NIOThreadPool.singleton.runIfActive { try self.write(line) }
    }

    private static func line(_ decision: Decision) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return [UInt8](try encoder.encode(decision)) + [UInt8(ascii: "\n")]
    }

    /// One write for one line: with `O_APPEND` lines of several threads do not mix.
    private func write(_ line: [UInt8]) throws {
        // Sound: no more than the array's bytes are read, while they are lent.
        let written = unsafe line.withUnsafeBytes { buffer in unsafe systemWrite(self.descriptor, buffer.baseAddress, buffer.count) }
        guard written == line.count, fdatasync(self.descriptor) == 0 else {
            let reason = systemErrorDescription(written >= 0 && written != line.count ? ENOSPC : errno)
            throw KeyBrokerError(
                .logFailed, "cannot write \(self.path): \(reason)", remedy: "free some space or choose another --log; nothing is released meanwhile")
        }
    }
}

/// `write(2)`, whose name the member of ``DecisionLogFile`` hides.
private func systemWrite(_ descriptor: Int32, _ buffer: UnsafeRawPointer?, _ count: Int) -> Int { unsafe write(descriptor, buffer, count) }
