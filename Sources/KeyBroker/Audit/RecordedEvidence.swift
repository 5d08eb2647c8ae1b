// SPDX-License-Identifier: Apache-2.0

public import Attestation
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
    public var collateral: Collateral { self.encoded.collateral }
    private let encoded: EncodedCollateral

    init(quote: [UInt8], collateral: EncodedCollateral) {
        self.quote = quote
        self.encoded = collateral
    }

    func insert(in db: Database, sequence: Int64) throws {
        let digest = self.encoded.digest
        // The same collateral serves many decisions and is kept once.
        let isKnown = try Bool.fetchOne(
            db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM collateral WHERE digest = ?)"), arguments: [digest])
        if isKnown != true {
            try db.execute(sql: "INSERT INTO collateral (digest, content) VALUES (?, ?)", arguments: [digest, self.encoded.content])
        }
        try db.executeOften(
            "INSERT INTO audit_evidence (sequence, quote, collateral_digest) VALUES (?, ?, ?)", [sequence, Data(self.quote), digest])
    }

    /// The evidence of a record, if there is any.
    static func fetch(_ db: Database, sequence: Int64) throws -> RecordedEvidence? {
        let row = try Row.fetchOne(
            db,
            sql: "SELECT quote, digest, content FROM audit_evidence JOIN collateral ON digest = collateral_digest WHERE sequence = ?",
            arguments: [sequence])
        guard let row else { return nil }
        guard let collateral = EncodedCollateral(content: row["content"], digest: row["digest"]) else {
            throw KeyBrokerError(.storeDamaged, "the collateral of record \(sequence) was changed", remedy: "restore the store from a backup")
        }
        return RecordedEvidence(quote: [UInt8](row["quote"] as Data), collateral: collateral)
    }
}
