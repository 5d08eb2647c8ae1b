// SPDX-License-Identifier: Apache-2.0

import Attestation
import Synchronization

/// The kinds of platforms that proved themselves lately, each with the newest quote.
final class SeenPlatforms: Sendable {
    /// Most kinds that are known at once; a fleet has a handful.
    static let limit = 64

    private let quotes = Mutex<[CollateralKey: Quote]>([:])

    func note(_ verified: VerifiedQuote) {
        let platform = verified.platform
        let key = CollateralKey(
            tee: verified.quote.header.tee, fmspc: platform.fmspc, certificateAuthority: platform.certificateAuthority)
        self.quotes.withLock { quotes in
            if quotes[key] != nil || quotes.count < Self.limit { quotes[key] = verified.quote }
        }
    }

    /// All of them.
    var all: [CollateralKey: Quote] { self.quotes.withLock { $0 } }
}
