// SPDX-License-Identifier: Apache-2.0

/// One document that a collateral service is asked for.
struct CollateralDocument {
    /// Where it may be, in order of preference: the next is tried where one does not have it.
    let urls: [String]
    /// How errors name the document.
    let name: String
    /// Names of the header that carries the issuer chain, in order of preference; PCCS versions differ.
    var issuerChainHeaders: [String] = []
    /// What to do when the service does not have it.
    var missingRemedy = "refresh the PCCS (it may be in OFFLINE mode), or use Intel's PCS"

    /// The largest body: TCB info and revocation lists are some 10 kB.
    static let bodyLimit = 1 << 20
    /// The largest issuer chain: two certificates are some 4 kB.
    static let issuerChainLimit = 64 << 10
    /// Certificates of an issuer chain: the signer's and the root's.
    static let issuerChainCount = 2
}
