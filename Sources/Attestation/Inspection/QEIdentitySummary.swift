// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// What a collateral service's QE identity says of itself; nothing of it is verified.
package struct QEIdentitySummary: Hashable, Sendable {
    /// Which enclave is described: `QE` or `TD_QE`.
    package let id: String
    /// Until when it may be used.
    package let nextUpdate: Date

    /// Reads the document as a service sends it.
    ///
    /// - Throws: ``CollateralError``, naming the place.
    package init(decoding document: [UInt8]) throws(CollateralError) {
        let identity = try QEIdentity(SignedJSON(decoding: document, body: "enclaveIdentity").body)
        self.id = identity.id
        self.nextUpdate = identity.nextUpdate
    }
}
