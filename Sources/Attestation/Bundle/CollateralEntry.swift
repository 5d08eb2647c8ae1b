// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Collateral of one kind of platform, with where and when it was got.
///
/// Nothing in it is trusted: ``QuoteVerifier`` checks every signature and date.
public struct CollateralEntry: Hashable, Sendable {
    /// What the collateral is for.
    public let key: CollateralKey
    /// The statements, byte for byte as received.
    public let collateral: Collateral
    /// When they were received.
    public let fetchedAt: Date
    /// Where from, for people: a service's address.
    public let source: String

    /// Gathers an entry.
    public init(key: CollateralKey, collateral: Collateral, fetchedAt: Date, source: String) {
        self.key = key
        self.collateral = collateral
        self.fetchedAt = fetchedAt
        self.source = source
    }
}
