// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// How the status of each level of a model of platforms will change, for owners who have no quote at hand.
///
/// The quoting enclave and the TDX module are not looked at, and nothing is verified: ``StatusForecast`` does both for one platform.
public struct LevelForecast: Hashable, Sendable, Codable {
    /// What will become of the platforms that are at one level now.
    public struct Change: Hashable, Sendable, Codable {
        /// The level in the present edition.
        public let level: CollateralSummary.Level
        /// The status of such platforms in the later edition; absent if they are no longer supported.
        public let status: TCBStatus?
        /// Advisories of such platforms in the later edition.
        public let advisoryIDs: [String]

        /// Whether status or advisories will be others.
        public var isChange: Bool { self.status != self.level.status || Set(self.advisoryIDs) != Set(self.level.advisoryIDs) }
    }

    /// Number of the TCB evaluation now.
    public let presentNumber: Int
    /// Number of the TCB evaluation to come.
    public let upcomingNumber: Int
    /// When it becomes the standard edition, by Intel's rule of twelve months.
    public let standardFrom: Date
    /// Every level of the present edition, highest first.
    public let levels: [Change]

    /// Compares two editions of TCB info.
    ///
    /// - Throws: ``CollateralError`` when one of them cannot be read.
    public init(standard: Collateral, edition: StatusForecast.Edition) throws(CollateralError) {
        let present = try TCBInfo(SignedJSON(decoding: standard.tcbInfo, body: "tcbInfo").body)
        let upcoming = try TCBInfo(SignedJSON(decoding: edition.collateral.tcbInfo, body: "tcbInfo").body)
        self.presentNumber = present.evaluationDataNumber
        self.upcomingNumber = upcoming.evaluationDataNumber
        self.standardFrom = edition.standardFrom
        self.levels = present.levels.map { level in
            let later = upcoming.levels.first { $0.isReached(byPlatformAt: level) }
            return Change(level: CollateralSummary.Level(level), status: later?.status, advisoryIDs: later?.advisoryIDs ?? [])
        }
    }
}

extension TCBLevel {
    /// Whether a platform that has another level's security versions, and no higher ones, has at least this level's.
    fileprivate func isReached(byPlatformAt other: TCBLevel) -> Bool {
        other.pceSVN >= self.pceSVN && zip(other.sgxComponents, self.sgxComponents).allSatisfy { $0 >= $1 }
            && zip(other.tdxComponents, self.tdxComponents).allSatisfy { $0 >= $1 }
    }
}
