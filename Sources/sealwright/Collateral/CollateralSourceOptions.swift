// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import RATLS

/// Where a service or a verifying command gets collateral from, as it is needed: a collateral service, a cache folder, or both.
struct CollateralSourceOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The collateral service by name: \(CollateralProfile.forms).", valueName: "name"))
    var collateralProfile: String?

    @Option(
        name: .customLong("pccs-url"),
        help: ArgumentHelp(
            "Base of the collateral service instead: a PCCS, or Intel's https://api.trustedservices.intel.com/sgx/certification/v4/.",
            valueName: "url"))
    var pccsURL: String?

    @Option(
        name: .customLong("pccs-ca"),
        help: ArgumentHelp("CA of the collateral service's own certificate, PEM, where the system does not know it.", valueName: "file"))
    var pccsCA: String?

    @Option(
        help: ArgumentHelp(
            "Folder that keeps collateral from one run to the next; without a service, collateral comes from it alone.", valueName: "dir"))
    var collateralCache: String?

    /// Whether a source is named.
    var isGiven: Bool { self.collateralProfile != nil || self.pccsURL != nil || self.collateralCache != nil }

    /// Runs `body` with the source that the options name.
    ///
    /// * `onStoreFailure`: told when the folder cannot be written; the cache goes on in memory.
    ///
    /// - Throws: a ``CommandFailure`` when none is named.
    func withCache<Result>(
        onStoreFailure: @escaping @Sendable (any Error) -> Void, _ body: (CollateralCache) async throws -> Result
    ) async throws -> Result {
        let store = try self.collateralCache.map(CollateralStore.init(directory:))
        let service = try CollateralService(profile: self.collateralProfile, url: self.pccsURL, caFile: self.pccsCA)
        if let service {
            return try await service.withClient { try await body(CollateralCache($0, store: store, onStoreFailure: onStoreFailure)) }
        }
        guard let store else {
            throw CommandFailure(
                "missing-collateral-source", "there is nowhere to get collateral from",
                remedy: "give --collateral-profile (\(CollateralProfile.forms)), --pccs-url, or --collateral-cache")
        }
        return try await body(CollateralCache(offline: store))
    }
}
