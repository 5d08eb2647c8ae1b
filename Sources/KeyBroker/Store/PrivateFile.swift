// SPDX-License-Identifier: Apache-2.0

import ByteCoding

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Files that only their owner may read.
enum PrivateFile {
    /// Reads a file with a secret, of at most `limit` bytes.
    ///
    /// - Throws: ``KeyBrokerError/Code-swift.struct/loosePermissions`` when group or others may read or change it.
    static func read(_ path: String, limit: Int) throws -> [UInt8] {
        try Self.requirePrivate(path)
        return try InputFile.readAll(path, limit: limit)
    }

    /// Refuses a file that others than its owner have any rights to, and what is no file.
    static func requirePrivate(_ path: String) throws {
        let status = try FileStatus(path: path)
        guard status.isRegularFile else { throw FileError(.open, path: path, systemError: status.isFolder ? EISDIR : EINVAL) }
        // As PostgreSQL does: a file of root's that is lent to this process's group may be read by that group (Kubernetes mounts secrets so).
        let forbidden: UInt32 = status.owner == 0 && geteuid() != 0 ? 0o037 : 0o077
        guard status.permissions & forbidden == 0 else {
            let mode = String(status.permissions, radix: 8)
            throw KeyBrokerError(
                .loosePermissions, "\(path) may be used by others than its owner (mode \(mode))",
                remedy: "chmod 600 \(path), and make it anew if somebody else may have read it")
        }
    }
}
