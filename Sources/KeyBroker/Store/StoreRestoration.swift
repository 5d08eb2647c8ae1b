// SPDX-License-Identifier: Apache-2.0

import ByteCoding

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Puts a backup in a store's place.
///
/// Copying the file would not do: SQLite replays the write-ahead log of the store that was there into whatever lies beside it. The backup is
/// copied and checked whole, takes the store's name in one step, and then the old log is removed. In that order, for a crash in between leaves
/// either the old store with its log or a backup that is refused because of the log (``StoreFile``), and the same command finishes the work.
///
/// Nobody may have the store open meanwhile. The lock keeps brokers away, and not those who only change secrets: what they write to the old file
/// is lost. With the backup's state come back secrets that were revoked since, and the master key of then.
///
/// No master key is needed.
public struct StoreRestoration: Sendable {
    private let backup: String
    private let path: String

    /// Prepares; nothing is changed yet.
    public init(backup: String, storePath: String) {
        self.backup = backup
        self.path = storePath
    }

    /// Restores.
    ///
    /// - Returns: what was found in the backup; it is intact.
    /// - Throws: ``KeyBrokerError``: ``KeyBrokerError/Code-swift.struct/storeInUse`` when a broker serves from the store,
    ///   ``KeyBrokerError/Code-swift.struct/storeDamaged`` when the backup is; a file error when there is a store that may not be replaced.
    public func run(replacing: Bool) async throws -> StoreCheck {
        let target = StoreFile.resolve(self.path)
        guard StoreFile.resolve(self.backup) != target else {
            throw KeyBrokerError(
                .badRequest, "\(self.backup) is the store itself", remedy: "give the backup's own file, elsewhere than in the store's place")
        }
        let source = try StoreMaintenance(path: self.backup)
        let lock = try StoreLock(storePath: target)
        defer { withExtendedLifetime(lock) {} }
        if !replacing { try Self.requireNoStore(at: target) }
        let copy = StoreFile.unfinishedRestoration(target)
        // Nobody else works on it while the lock is held; one that is there is left from a crash.
        for suffix in Self.companions + [""] { StoreFile.remove(copy + suffix) }
        do {
            try source.copy(to: copy)
            let check = try await StoreMaintenance(path: copy).check()
            guard check.isIntact else {
                throw KeyBrokerError(
                    .storeDamaged, "the backup \(self.backup) is damaged", remedy: "see `sealwright broker store check`, and take another backup")
            }
            guard replacing else {
                // Whoever made a store there meanwhile keeps it.
                try StoreFile.publish(copy, as: target)
                return check
            }
            try StoreFile.replace(target, with: copy)
            for suffix in Self.companions { try StoreFile.requireRemoved(target + suffix) }
            try StoreFile.syncFolder(of: target)
            return check
        } catch {
            StoreFile.remove(copy)
            throw error
        }
    }

    /// Refuses a place where something of a store lies, be it a log alone: what was committed last may be nowhere else.
    private static func requireNoStore(at path: String) throws(FileError) {
        if try StoreFile.size(of: path) != nil { throw Self.storeIsThere(path) }
        for suffix in ["-wal", "-journal"] where try StoreFile.size(of: path + suffix) ?? 0 > 0 { throw Self.storeIsThere(path + suffix) }
    }

    private static func storeIsThere(_ path: String) -> FileError {
        FileError(.publish, path: path, systemError: EEXIST, remedy: "move the store away with its -wal file, or pass --force to replace it")
    }

    /// What SQLite keeps beside a database.
    private static let companions = ["-wal", "-shm", "-journal"]
}
