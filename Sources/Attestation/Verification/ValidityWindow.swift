// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The time in which all of several things are valid, bounds included.
struct ValidityWindow: Hashable, Sendable {
    private(set) var from = Date.distantPast
    private(set) var until = Date.distantFuture

    mutating func narrow(from: Date, until: Date) {
        self.from = max(self.from, from)
        self.until = min(self.until, until)
    }
}
