// SPDX-License-Identifier: Apache-2.0

import GRDBSQLite

/// The header of a store's file as it lies on disk, without what its write-ahead log adds (SQLite's file format, section 1.3).
///
/// It is read through SQLite: whoever opens a file and closes it drops all locks that his process has on it (POSIX advisory locks), and with
/// them those of connections that are open.
struct StoreHeader {
    /// Whether the database has a write-ahead log; the file format's write version is 2 then, and 1 without.
    let hasLog: Bool

    private static let writeVersionOffset: sqlite3_int64 = 18

    /// Reads the header; `nil` where the file is too short to have one.
    init?(of path: String) throws {
        let connection = try unsafe Self.open(path)
        // Sound: the connection is closed once, after its last use.
        defer { unsafe sqlite3_close(connection) }
        var file: UnsafeMutablePointer<sqlite3_file>?
        // Sound: SQLite stores the pointer to its file, which lasts as long as the connection, and the call reads one byte into the one that is
        // lent. Opening has read nothing yet, so neither a log nor its locks have been touched.
        guard unsafe sqlite3_file_control(connection, "main", SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK, let file = unsafe file,
            let read = unsafe file.pointee.pMethods?.pointee.xRead
        else { throw Self.unreadable(path) }
        var version: UInt8 = 0
        guard unsafe read(file, &version, 1, Self.writeVersionOffset) == SQLITE_OK else { return nil }
        self.hasLog = version != 1
    }

    private static func open(_ path: String) throws -> OpaquePointer? {
        var connection: OpaquePointer?
        let flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX
        guard unsafe sqlite3_open_v2(path, &connection, flags, nil) == SQLITE_OK else {
            // Sound: what failed to open has to be closed as well, and nobody else has it.
            unsafe sqlite3_close(connection)
            throw Self.unreadable(path)
        }
        return unsafe connection
    }

    private static func unreadable(_ path: String) -> KeyBrokerError {
        KeyBrokerError(.storeFailed, "the store \(path) cannot be opened", remedy: "check that the file belongs to the broker's user")
    }
}
