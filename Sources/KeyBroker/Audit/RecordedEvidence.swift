// SPDX-License-Identifier: Apache-2.0

public import Attestation
import ByteCoding
import Crypto
import GRDB

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What a decision about a verified enclave was made on, so that it can be made again: the quote and its collateral.
public struct RecordedEvidence: Hashable, Sendable {
    /// The quote.
    public let quote: [UInt8]
    /// What it was verified with.
    public let collateral: Collateral

    func insert(in db: Database, sequence: Int64) throws {
        let content = CollateralContent.encode(self.collateral)
        let digest = Data(SHA256.hash(data: content))
        // The same collateral serves many decisions and is kept once.
        try db.execute(literal: "INSERT OR IGNORE INTO collateral (digest, content) VALUES (\(digest), \(Data(content)))")
        try db.execute(
            literal: "INSERT INTO audit_evidence (sequence, quote, collateral_digest) VALUES (\(sequence), \(Data(self.quote)), \(digest))")
    }

    /// The evidence of a record, if there is any.
    static func fetch(_ db: Database, sequence: Int64) throws -> RecordedEvidence? {
        let row = try Row.fetchOne(
            db,
            sql: "SELECT quote, digest, content FROM audit_evidence JOIN collateral ON digest = collateral_digest WHERE sequence = ?",
            arguments: [sequence])
        guard let row else { return nil }
        let content = [UInt8](row["content"] as Data)
        guard Data(SHA256.hash(data: content)) == row["digest"], let collateral = try? CollateralContent.decode(content) else {
            throw KeyBrokerError(.storeDamaged, "the collateral of record \(sequence) was changed", remedy: "restore the store from a backup")
        }
        return RecordedEvidence(quote: [UInt8](row["quote"] as Data), collateral: collateral)
    }
}

/// Collateral as one string of bytes: each piece after its length, the optional one with a mark whether it is there.
enum CollateralContent {
    private static let version: UInt8 = 1

    static func encode(_ collateral: Collateral) -> [UInt8] {
        var writer = ByteWriter()
        writer.write([Self.version])
        for piece in [
            collateral.tcbInfo, collateral.tcbInfoIssuerChain, collateral.qeIdentity, collateral.qeIdentityIssuerChain, collateral.pckCRL,
            collateral.pckCRLIssuerChain, collateral.rootCACRL,
        ] {
            Self.write(piece, to: &writer)
        }
        writer.write([collateral.pckChain == nil ? 0 : 1])
        if let chain = collateral.pckChain { Self.write(chain, to: &writer) }
        return writer.bytes
    }

    private static func write(_ piece: [UInt8], to writer: inout ByteWriter) {
        writer.writeBigEndian(UInt32(truncatingIfNeeded: piece.count))
        writer.write(piece)
    }

    static func decode(_ bytes: [UInt8]) throws -> Collateral {
        var reader = ByteReader(bytes.span)
        guard try reader.readUInt8() == Self.version else { throw KeyBrokerError(.storeDamaged, "collateral of an unknown version") }
        var pieces: [[UInt8]] = []
        for _ in 0..<7 { pieces.append(try reader.readArray(Int(try reader.readBigEndian(UInt32.self)))) }
        let hasChain = try reader.readUInt8() == 1
        let chain = hasChain ? try reader.readArray(Int(try reader.readBigEndian(UInt32.self))) : nil
        try reader.requireEnd()
        return Collateral(
            tcbInfo: pieces[0], tcbInfoIssuerChain: pieces[1], qeIdentity: pieces[2], qeIdentityIssuerChain: pieces[3], pckCRL: pieces[4],
            pckCRLIssuerChain: pieces[5], rootCACRL: pieces[6], pckChain: chain)
    }
}
