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
        guard descriptor >= 0 else { throw errno == EEXIST ? Self.exists(path) : FileError(.create, path: path) }
        close(descriptor)
    }

    /// The error for a file that is in the way of a new one.
    static func exists(_ path: String) -> FileError {
        FileError(.publish, path: path, systemError: EEXIST, remedy: "choose another path, or move away what is there")
    }

    /// Finds the store's one file and requires it to be fit for opening: nobody else's, and with the write-ahead log that belongs to it.
    ///
    /// A backup that is only read may have several names: it has no log, and gets none.
    ///
    /// - Returns: its path without symbolic links. SQLite puts the log beside that path, and the lock has to lie there too: two brokers that came
    ///   by different links would otherwise both serve.
    static func find(_ path: String, for use: StoreDatabase.Access) throws -> String {
        // Sound: the path is lent to the call as a terminated string.
        guard unsafe access(path, F_OK) == 0 else {
            throw KeyBrokerError(.storeFailed, "there is no store \(path)", remedy: "make one: sealwright broker store init --store \(path)")
        }
        let real = Self.resolve(path)
        try PrivateFile.requirePrivate(real)
        if use == .readWrite { Self.removeUnfinishedNames(of: real) }
        // Under a second name (a hard link), SQLite would keep a second log, and each would undo what the other's users did. A lock on the
        // database itself could not help those who only change it, and closing its descriptor would drop the locks that SQLite holds.
        guard try FileStatus(path: real).nameCount == 1 || (use == .readOnly && StoreHeader(of: real)?.hasLog == false) else {
            throw KeyBrokerError(
                .storeFailed, "the store \(path) has several names (hard links), and would be damaged by use under more than one",
                remedy: "remove the others: find FOLDER -samefile \(path)")
        }
        try Self.requireOwnLog(real)
        return real
    }

    /// Removes the name under which the file was made, where a crash left it beside its own (``publish(_:as:)``).
    private static func removeUnfinishedNames(of path: String) {
        guard let status = try? FileStatus(path: path), status.nameCount > 1 else { return }
        for name in [Self.unfinishedBackup(path), Self.unfinishedRestoration(path)] where (try? FileStatus(path: name)) == status {
            Self.remove(name)
        }
    }

    /// Refuses a backup that lies beside the write-ahead log of the store which it was put in the place of.
    ///
    /// SQLite replays a log into whatever database lies beside it, which undoes the restoration or makes a mixture of both. A log does not say
    /// which database it belongs to, and a backup has all the identifiers of its store. But a backup's header says that it has no log, and a
    /// store's says that it has one from before the first log appears: so the two together are never a store's. The log is looked at first, for
    /// another process may be opening a backup for the first time now.
    private static func requireOwnLog(_ path: String) throws {
        let log = path + "-wal"
        guard let size = try Self.size(of: log), size > 0, try StoreHeader(of: path)?.hasLog == false else { return }
        throw KeyBrokerError(
            .unfinishedRestoration, "\(path) is a backup, and beside it lies the log of the store that was there before: \(log)",
            remedy: "restore it with `sealwright broker store restore --from BACKUP --store \(path) --force`, which removes that log")
    }
}

extension StoreFile {
    /// The name of a backup until it is whole.
    static func unfinishedBackup(_ path: String) -> String { path + ".partial" }

    /// The name of a backup that is being restored, until it is checked.
    static func unfinishedRestoration(_ path: String) -> String { path + ".restoring" }

    /// A path without symbolic links; as it is where there is no file.
    static func resolve(_ path: String) -> String {
        // Sound: the result is copied before it is freed, and the path is lent to the call as a terminated string.
        guard let resolved = unsafe realpath(path, nil) else { return path }
        defer { unsafe free(resolved) }
        return unsafe String(cString: resolved)
    }

    /// A file's length in bytes; `nil` where there is none.
    ///
    /// One that cannot be looked at is not taken for absent.
    static func size(of path: String) throws(FileError) -> Int? {
        do {
            return try FileStatus(path: path).size
        } catch {
            guard error.systemError == ENOENT else { throw error }
            return nil
        }
    }

    /// Gives a finished file its name, which nothing may have yet.
    static func publish(_ partial: String, as path: String) throws(FileError) {
        // Sound: both paths are lent to the calls as terminated strings.
        guard unsafe link(partial, path) == 0 else { throw errno == EEXIST ? Self.exists(path) : FileError(.publish, path: path) }
        unsafe unlink(partial)
        try Self.syncFolder(of: path)
    }

    /// Gives a finished file its name, in the place of whatever has it.
    static func replace(_ path: String, with partial: String) throws(FileError) {
        // Sound: both paths are lent to the call as terminated strings.
        guard unsafe rename(partial, path) == 0 else { throw FileError(.publish, path: path) }
        try Self.syncFolder(of: path)
    }

    /// Removes a file that nobody needs; one that cannot be removed stays.
    static func remove(_ path: String) {
        // Sound: the path is lent to the call as a terminated string.
        unsafe unlink(path)
    }

    /// Removes a file that must not stay.
    static func requireRemoved(_ path: String) throws(FileError) {
        // Sound: the path is lent to the call as a terminated string.
        guard unsafe unlink(path) == 0 || errno == ENOENT else { throw FileError(.write, path: path) }
    }

    /// Makes names in a file's folder durable.
    static func syncFolder(of path: String) throws(FileError) {
        let folder = parentFolder(of: path)
        // Sound: the path is lent to the call as a terminated string.
        let descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(.open, path: folder) }
        defer { close(descriptor) }
        // A file system that cannot do this says EINVAL, and keeps names by its own means.
        guard fsync(descriptor) == 0 || errno == EINVAL else { throw FileError(.write, path: folder) }
    }
}
