// SPDX-License-Identifier: Apache-2.0

import ByteCoding

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The store's file as the file system sees it.
enum StoreFile {
    /// Makes an empty file for its owner alone; the database's other files take over its mode.
    static func create(at path: String) throws(FileError) {
        // Sound: the path is lent to the call as a terminated string.
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError(errno == EEXIST ? .publish : .create, path: path) }
        close(descriptor)
    }

    /// Requires the file to be there, and nobody else's.
    static func check(_ path: String) throws {
        // Sound: the path is lent to the call as a terminated string.
        guard unsafe access(path, F_OK) == 0 else {
            throw KeyBrokerError(.storeFailed, "there is no store \(path)", remedy: "make one: sealwright broker store init --store \(path)")
        }
        try PrivateFile.requirePrivate(path)
    }
}

extension StoreFile {
    /// Gives a finished file its name, which nothing may have yet.
    static func publish(_ partial: String, as path: String) throws(FileError) {
        // Sound: both paths are lent to the calls as terminated strings.
        guard unsafe link(partial, path) == 0 else { throw FileError(.publish, path: path) }
        unsafe unlink(partial)
    }

    /// Removes a file that nobody needs; one that cannot be removed stays.
    static func remove(_ path: String) {
        // Sound: the path is lent to the call as a terminated string.
        unsafe unlink(path)
    }
}

/// Files that only their owner may read.
enum PrivateFile {
    /// Reads a file with a secret, of at most `limit` bytes.
    ///
    /// - Throws: ``KeyBrokerError/Code-swift.struct/loosePermissions`` when group or others may read or change it.
    static func read(_ path: String, limit: Int) throws -> [UInt8] {
        try Self.requirePrivate(path)
        return try InputFile.readAll(path, limit: limit)
    }

    /// Refuses a file that others than its owner have any rights to.
    static func requirePrivate(_ path: String) throws {
        let status = try FileStatus(path: path)
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
