// SPDX-License-Identifier: Apache-2.0

import GRDB

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The challenges that were answered and have not expired yet.
///
/// Only answers of verified enclaves come here, so that strangers cannot fill the table.
struct UsedChallenges {
    /// Most challenges that are remembered at once.
    static let limit = 200_000
    /// Answers from one pruning to the next.
    private static let pruneInterval = 256

    private let db: Database

    init(_ db: Database) { self.db = db }

    /// Remembers a challenge.
    ///
    /// - Returns: `false` when it was used before, or may have been.
    func insert(_ challenge: Challenge) throws -> Bool {
        // What has been forgotten is never taken again, even if the clock is turned back.
        guard challenge.expiration > (try self.prunedUntil()) else { return false }
        try self.db.executeOften(
            "INSERT OR IGNORE INTO used_challenge (nonce, expires_at) VALUES (?, ?)", [Data(challenge.nonce), challenge.expiration])
        guard self.db.changesCount == 1 else { return false }
        if Int(challenge.nonce.last ?? 0) % Self.pruneInterval == 0 { try self.prune(before: challenge.answeredAt) }
        return true
    }

    private func prunedUntil() throws -> Int64 {
        guard let value = try StoreInformation(self.db)[.challengesPrunedUntil], value.count == 8 else { return .min }
        return value.reduce(0) { $0 << 8 | Int64($1) }
    }

    /// Forgets expired challenges, and the oldest ones beyond the limit.
    private func prune(before time: Int64) throws {
        let beyond = try Int64.fetchOne(
            self.db, sql: "SELECT expires_at FROM used_challenge ORDER BY expires_at DESC LIMIT 1 OFFSET ?", arguments: [Self.limit])
        let until = max(try self.prunedUntil(), max(time, beyond ?? .min))
        try self.db.execute(literal: "DELETE FROM used_challenge WHERE expires_at <= \(until)")
        try StoreInformation(self.db).set(.challengesPrunedUntil, (0..<8).map { UInt8(truncatingIfNeeded: until >> (56 - 8 * $0)) })
    }
}
