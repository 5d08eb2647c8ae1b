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

    /// SHA-256 digest of the collateral as it is kept.
    var collateralSHA256: EvidenceDigest? { EvidenceDigest([UInt8](self.encoded.digest)) }

    /// Whether this is what a record was made on; records from before collateral was named say nothing of it.
    func belongs(to record: AuditRecord) -> Bool {
        guard record.names(EvidenceDigest(of: self.quote), as: .quote) else { return false }
        guard record.names(.collateral), let collateralSHA256 else { return true }
        return record.names(collateralSHA256, as: .collateral)
    }

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

    /// The evidence of a record, if there is any that can be read.
    static func fetch(_ db: Database, sequence: Int64) throws -> RecordedEvidence? {
        let row = try Row.fetchOne(
            db,
            sql: "SELECT quote, digest, content FROM audit_evidence JOIN collateral ON digest = collateral_digest WHERE sequence = ?",
            arguments: [sequence])
        guard let row, let quote: Data = row.value("quote"), let content: Data = row.value("content"), let digest: Data = row.value("digest"),
            let collateral = EncodedCollateral(content: content, digest: digest)
        else { return nil }
        return RecordedEvidence(quote: [UInt8](quote), collateral: collateral)
    }
}
