// SPDX-License-Identifier: Apache-2.0

import Attestation
import Foundation

/// An entry of collateral as the commands tell of it.
struct CollateralDescription: Encodable {
    let tee: String?
    let fmspc: String?
    let ca: String?
    let source: String?
    let fetchedAt: Date?
    /// Whether every piece could be read and is in its time of validity.
    let isValid: Bool
    let summary: CollateralSummary

    init(_ entry: CollateralEntry, at time: Date) {
        self.init(
            tee: entry.key.tee.rawValue, fmspc: entry.key.fmspc.hexString, ca: entry.key.certificateAuthority.rawValue, source: entry.source,
            fetchedAt: entry.fetchedAt, summary: CollateralSummary(entry.collateral), time: time)
    }

    /// Describes the files of a folder, of which nobody wrote down whose they are.
    init(_ collateral: Collateral, at time: Date) {
        let summary = CollateralSummary(collateral)
        self.init(
            tee: summary.tcbInfo?.tee.rawValue, fmspc: summary.tcbInfo?.fmspc.hexString, ca: nil, source: nil, fetchedAt: nil, summary: summary,
            time: time)
    }

    private init(tee: String?, fmspc: String?, ca: String?, source: String?, fetchedAt: Date?, summary: CollateralSummary, time: Date) {
        self.tee = tee
        self.fmspc = fmspc
        self.ca = ca
        self.source = source
        self.fetchedAt = fetchedAt
        self.summary = summary
        self.isValid = summary.isValid(at: time)
    }

    /// A line for each piece.
    var text: String {
        var lines = ["\(self.tee ?? "?"), FMSPC \(self.fmspc ?? "?")\(self.ca.map { ", \($0) CA" } ?? "")\(self.isValid ? "" : ": NOT VALID NOW")"]
        if let fetchedAt, let source { lines.append("  fetched       \(Self.text(fetchedAt))\(source.isEmpty ? "" : " from \(source)")") }
        if let info = self.summary.tcbInfo {
            let current = info.levels.first.map { ", newest level of \(Self.text($0.date))" } ?? ""
            lines.append(
                "  TCB info      evaluation \(info.evaluationDataNumber), \(info.levels.count) levels\(current), \(Self.validity(info.issueDate, info.nextUpdate))"
            )
        }
        if let identity = self.summary.qeIdentity {
            lines.append(
                "  QE identity   evaluation \(identity.evaluationDataNumber), \(identity.id), \(Self.validity(identity.issueDate, identity.nextUpdate))"
            )
        }
        for (name, list) in [("PCK CRL     ", self.summary.pckCRL), ("root CA CRL ", self.summary.rootCACRL)] {
            guard let list else { continue }
            lines.append("  \(name)  \(list.revokedCount) revoked, of \(list.issuer), \(Self.validity(list.thisUpdate, list.nextUpdate))")
        }
        if self.summary.hasPCKChain { lines.append("  PCK chain     included") }
        lines += self.summary.faults.map { "  CANNOT BE READ: \($0)" }
        if let expiration = self.summary.expiration { lines.append("  ends          \(Self.text(expiration))") }
        return lines.joined(separator: "\n")
    }

    private static func validity(_ from: Date, _ until: Date) -> String { "valid \(Self.text(from)) to \(Self.text(until))" }
    private static func text(_ date: Date) -> String { date.formatted(.iso8601) }
}

extension CollateralSummary {
    /// Whether every piece could be read, and is in its time of validity.
    func isValid(at time: Date) -> Bool {
        guard let tcbInfo, let qeIdentity, let pckCRL, let rootCACRL else { return false }
        return [
            (tcbInfo.issueDate, tcbInfo.nextUpdate), (qeIdentity.issueDate, qeIdentity.nextUpdate), (pckCRL.thisUpdate, pckCRL.nextUpdate),
            (rootCACRL.thisUpdate, rootCACRL.nextUpdate),
        ].allSatisfy { $0 <= time && time <= $1 }
    }
}
