// SPDX-License-Identifier: Apache-2.0

import GRDB

/// The tables of a store and how older ones become this version's.
enum StoreSchema {
    /// Migrations in their order; one that was published is never changed.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { db in try db.execute(sql: Self.version1) }
        return migrator
    }

    /// Refuses a store that a later version has migrated, or a database of something else.
    static func requireKnown(_ pool: DatabasePool) throws {
        let (isComplete, isSuperseded) = try pool.read { db in
            (try Self.migrator.hasCompletedMigrations(db), try Self.migrator.hasBeenSuperseded(db))
        }
        if isSuperseded {
            throw KeyBrokerError(.storeFailed, "the store \(pool.path) was made by a newer version", remedy: "use that version, or a newer one")
        }
        guard isComplete else {
            throw KeyBrokerError(.storeFailed, "\(pool.path) is no broker's store", remedy: "make one: sealwright broker store init")
        }
    }

    /// Times are milliseconds since 1970.
    private static let version1 = """
        CREATE TABLE store_information (
            name TEXT PRIMARY KEY NOT NULL,
            value BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE secret (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE
        ) STRICT;

        CREATE TABLE secret_version (
            secret_id INTEGER NOT NULL REFERENCES secret (id) ON DELETE CASCADE,
            version INTEGER NOT NULL CHECK (version > 0),
            created_at INTEGER NOT NULL,
            -- End of the overlap after a rotation; NULL for the current version.
            retires_at INTEGER,
            revoked_at INTEGER,
            -- AES-256-GCM: nonce, ciphertext, tag. Wiped when revoked.
            sealed BLOB NOT NULL,
            PRIMARY KEY (secret_id, version)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE audit_record (
            sequence INTEGER PRIMARY KEY CHECK (sequence > 0),
            time INTEGER NOT NULL,
            kind TEXT NOT NULL,
            peer TEXT,
            secret TEXT,
            rule TEXT,
            failed_check TEXT,
            body TEXT NOT NULL,
            hash BLOB NOT NULL CHECK (length(hash) = 32)
        ) STRICT;
        CREATE INDEX audit_record_by_kind ON audit_record (kind, sequence);
        CREATE INDEX audit_record_by_secret ON audit_record (secret, sequence) WHERE secret IS NOT NULL;

        -- The end of the chain, one row, signed with each commit.
        CREATE TABLE audit_tail (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            sequence INTEGER NOT NULL,
            hash BLOB NOT NULL CHECK (length(hash) = 32),
            time INTEGER NOT NULL,
            signature BLOB NOT NULL
        ) STRICT;

        -- Earlier ends of the chain, kept now and then.
        CREATE TABLE audit_head (
            sequence INTEGER PRIMARY KEY,
            hash BLOB NOT NULL CHECK (length(hash) = 32),
            time INTEGER NOT NULL,
            signature BLOB NOT NULL
        ) STRICT;

        -- What verified evidence was verified with, so that decisions can be made again under another policy.
        CREATE TABLE collateral (
            digest BLOB PRIMARY KEY NOT NULL CHECK (length(digest) = 32),
            content BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE audit_evidence (
            sequence INTEGER PRIMARY KEY REFERENCES audit_record (sequence) ON DELETE CASCADE,
            quote BLOB NOT NULL,
            collateral_digest BLOB NOT NULL REFERENCES collateral (digest)
        ) STRICT;

        CREATE TABLE used_challenge (
            nonce BLOB PRIMARY KEY NOT NULL,
            expires_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX used_challenge_by_expiration ON used_challenge (expires_at);
        """
}
