// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Crypto
import GRDB

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The keys of a store, all of which come from its master key.
struct StoreKeys: Sendable {
    /// Encrypts secrets.
    let secrets: SymmetricKey
    /// Authenticates challenges.
    let challenges: SymmetricKey
    /// Signs the ends of the audit log's chain.
    let auditSigner: AuditSigner
    /// The signing key as the store has it; another one under each master key.
    private let sealedSigningKey: [UInt8]

    /// Sets up a new store's keys.
    static func create(masterKey source: MasterKey.Source, in db: Database) throws -> StoreKeys {
        let signingKey = Curve25519.Signing.PrivateKey()
        try StoreInformation(db).set(.identifier, RandomBytes.make(16))
        try StoreInformation(db).set(.auditPublicKey, [UInt8](signingKey.publicKey.rawRepresentation))
        return try Self.put(signingKey, under: source, in: db)
    }

    /// Derives the keys anew from another master key, and keeps the signing key under it.
    ///
    /// What was encrypted with the keys before is the caller's to encrypt again.
    func replaced(under source: MasterKey.Source, in db: Database) throws -> StoreKeys {
        try Self.put(self.auditSigner.key, under: source, in: db)
    }

    private static func put(_ signingKey: Curve25519.Signing.PrivateKey, under source: MasterKey.Source, in db: Database) throws -> StoreKeys {
        var derivation = MasterKey.Derivation.none
        let master = try source.load(creating: &derivation)
        let information = StoreInformation(db)
        let keys = try Self.derive(master, information: information)
        let sealed = try AES.GCM.seal(signingKey.rawRepresentation, using: keys.wrapping, authenticating: Self.signingKeyLabel)
        guard let combined = sealed.combined.map({ [UInt8]($0) }) else { throw KeyBrokerError(.storeFailed, "the audit log's key cannot be kept") }
        try information.set(.derivation, [UInt8](try JSONEncoder().encode(derivation)))
        try information.set(.auditSigningKey, combined)
        return StoreKeys(
            secrets: keys.secrets, challenges: keys.challenges, auditSigner: AuditSigner(signingKey, storeID: try information.required(.identifier)),
            sealedSigningKey: combined)
    }

    /// Derives an existing store's keys.
    static func open(masterKey source: MasterKey.Source, in db: Database) throws -> StoreKeys {
        let information = StoreInformation(db)
        var derivation = try JSONDecoder().decode(MasterKey.Derivation.self, from: Data(try information.required(.derivation)))
        let keys = try Self.derive(try source.load(creating: &derivation), information: information)
        let sealed = try information.required(.auditSigningKey)
        guard let key = try? AES.GCM.open(try AES.GCM.SealedBox(combined: sealed), using: keys.wrapping, authenticating: Self.signingKeyLabel) else {
            throw KeyBrokerError(
                .badMasterKey, "the store does not open under the master key of \(source)", remedy: "give the key that the store was made with")
        }
        let signingKey = try Curve25519.Signing.PrivateKey(rawRepresentation: key)
        return StoreKeys(
            secrets: keys.secrets, challenges: keys.challenges, auditSigner: AuditSigner(signingKey, storeID: try information.required(.identifier)),
            sealedSigningKey: sealed)
    }

    /// Refuses to go on with these keys when the store was put under another master key since they were derived.
    func requireCurrent(in db: Database) throws {
        guard try StoreInformation(db).required(.auditSigningKey) == self.sealedSigningKey else {
            throw KeyBrokerError(.badMasterKey, "the store was put under another master key meanwhile", remedy: "try again with that key")
        }
    }

    private static let signingKeyLabel = Array("sealwright audit signing key v1".utf8)

    /// One key a purpose (HKDF, RFC 5869), bound to this store.
    private static func derive(
        _ master: MasterKey, information: StoreInformation
    ) throws -> (secrets: SymmetricKey, wrapping: SymmetricKey, challenges: SymmetricKey) {
        let salt = try information.required(.identifier)
        func key(_ purpose: String) -> SymmetricKey {
            HKDF<SHA256>.deriveKey(
                inputKeyMaterial: master.key, salt: salt, info: Array("sealwright broker \(purpose) v1".utf8), outputByteCount: 32)
        }
        return (key("secrets"), key("signing key"), key("challenges"))
    }
}

/// Facts about a store that are set once.
struct StoreInformation {
    enum Name: String {
        case identifier = "store-id"
        case derivation = "master-key-derivation"
        case auditSigningKey = "audit-signing-key"
        case auditPublicKey = "audit-public-key"
        case challengesPrunedUntil = "challenges-pruned-until"
    }

    private let db: Database

    init(_ db: Database) { self.db = db }

    subscript(name: Name) -> [UInt8]? {
        get throws {
            let statement = try self.db.cachedStatement(sql: "SELECT value FROM store_information WHERE name = ?")
            return try Data.fetchOne(statement, arguments: [name.rawValue]).map { [UInt8]($0) }
        }
    }

    func required(_ name: Name) throws -> [UInt8] {
        guard let value = try self[name] else {
            throw KeyBrokerError(.storeDamaged, "the store lacks its \(name.rawValue)", remedy: "restore it from a backup")
        }
        return value
    }

    func set(_ name: Name, _ value: [UInt8]) throws {
        try self.db.execute(
            sql: "INSERT INTO store_information (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            arguments: [name.rawValue, Data(value)])
    }
}
