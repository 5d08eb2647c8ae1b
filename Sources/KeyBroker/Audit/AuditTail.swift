// SPDX-License-Identifier: Apache-2.0

public import Attestation
import Crypto
import GRDB

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A signed end of the audit log's chain: whoever keeps one can tell later whether anything before it was changed.
public struct AuditTail: Hashable, Sendable, Codable {
    /// Number of records up to here.
    public let sequence: Int64
    /// Hash of the last of them.
    public let hash: AuditHash
    /// When it was signed, in milliseconds since 1970.
    public let time: Int64
    /// Ed25519 signature (RFC 8032) by the store's audit key.
    public let signature: AuditSignature

    init(sequence: Int64, hash: AuditHash, time: Int64, signature: AuditSignature) {
        self.sequence = sequence
        self.hash = hash
        self.time = time
        self.signature = signature
    }

    init(row: Row) throws {
        guard let sequence: Int64 = row.value("sequence"), let time: Int64 = row.value("time"),
            let hash = row.value("hash").flatMap({ (hash: Data) in AuditHash([UInt8](hash)) }),
            let signature = row.value("signature").flatMap({ (signature: Data) in AuditSignature([UInt8](signature)) })
        else {
            throw KeyBrokerError(.storeDamaged, "a signed end of the audit log cannot be read", remedy: "see `sealwright broker audit verify`")
        }
        self.init(sequence: sequence, hash: hash, time: time, signature: signature)
    }

    /// The end of the log as the store has it.
    static func current(in db: Database) throws -> AuditTail {
        let statement = try db.cachedStatement(sql: "SELECT sequence, hash, time, signature FROM audit_tail")
        guard let row = try Row.fetchOne(statement) else {
            throw KeyBrokerError(.storeDamaged, "the audit log has lost its end", remedy: "restore the store from a backup")
        }
        return try AuditTail(row: row)
    }

    /// Signs the end of an empty log.
    static func start(in db: Database, signer: AuditSigner) throws {
        try signer.tail(sequence: 0, hash: AuditHash.start(ofStore: signer.storeID), time: 0).save(in: db)
    }

    func save(in db: Database) throws {
        try db.executeOften(
            """
            INSERT INTO audit_tail (id, sequence, hash, time, signature) VALUES (1, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET
                sequence = excluded.sequence, hash = excluded.hash, time = excluded.time, signature = excluded.signature
            """, [self.sequence, Data(self.hash.bytes), self.time, Data(self.signature.bytes)])
    }

    /// Keeps this end beside the moving one.
    func keep(in db: Database) throws {
        try db.execute(
            literal: """
                INSERT OR REPLACE INTO audit_head (sequence, hash, time, signature)
                VALUES (\(self.sequence), \(Data(self.hash.bytes)), \(self.time), \(Data(self.signature.bytes)))
                """)
    }

    /// What is signed.
    static func signedBytes(storeID: [UInt8], sequence: Int64, hash: AuditHash, time: Int64) -> [UInt8] {
        let numbers = [sequence, time].flatMap { value in (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * $0)) } }
        return Array("sealwright audit head v1\0".utf8) + storeID + numbers + hash.bytes
    }

    /// Whether a store's audit key signed this end of its log.
    public func isSigned(by publicKey: [UInt8], storeID: [UInt8]) -> Bool {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey) else { return false }
        return key.isValidSignature(
            self.signature.bytes, for: Self.signedBytes(storeID: storeID, sequence: self.sequence, hash: self.hash, time: self.time))
    }
}

/// An Ed25519 signature.
public struct AuditSignature: FixedSizeBytes {
    /// Number of bytes of every value.
    public static let size = 64
    /// The bytes, as RFC 8032 orders them.
    public let bytes: [UInt8]

    /// Takes exactly ``size`` bytes; `nil` for any other number.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.size else { return nil }
        self.bytes = bytes
    }
}

/// Signs the ends of a store's audit log.
struct AuditSigner: Sendable {
    let storeID: [UInt8]
    let key: Curve25519.Signing.PrivateKey

    init(_ key: Curve25519.Signing.PrivateKey, storeID: [UInt8]) {
        self.key = key
        self.storeID = storeID
    }

    func tail(sequence: Int64, hash: AuditHash, time: Int64) throws -> AuditTail {
        let bytes = AuditTail.signedBytes(storeID: self.storeID, sequence: sequence, hash: hash, time: time)
        guard let signature = AuditSignature([UInt8](try self.key.signature(for: bytes))) else {
            throw KeyBrokerError(.logFailed, "the end of the audit log cannot be signed")
        }
        return AuditTail(sequence: sequence, hash: hash, time: time, signature: signature)
    }
}
