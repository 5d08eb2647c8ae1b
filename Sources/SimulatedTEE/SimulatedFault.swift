// SPDX-License-Identifier: Apache-2.0

/// One thing that is wrong with otherwise genuine simulated evidence or collateral, so that each check can be seen to work.
public enum SimulatedFault: String, Hashable, Sendable, CaseIterable {
    // In the quote.

    /// The quote is signed with another attestation key than it names.
    case wrongQuoteSignature = "wrong-quote-signature"
    /// The quoting enclave's report is not signed by the PCK key.
    case wrongQEReportSignature = "wrong-qe-report-signature"
    /// The quoting enclave's report binds another attestation key.
    case wrongQEReportData = "wrong-qe-report-data"
    /// The quoting enclave is not the one that the QE identity describes.
    case wrongQESigner = "wrong-qe-signer"
    /// The quoting enclave is a debug enclave.
    case debugQE = "debug-qe"

    // In the collateral.

    /// TCB info that ended to be valid.
    case expiredTCBInfo = "expired-tcb-info"
    /// TCB info that is not valid yet.
    case futureTCBInfo = "future-tcb-info"
    /// QE identity that ended to be valid.
    case expiredQEIdentity = "expired-qe-identity"
    /// PCK revocation list that ended to be valid.
    case expiredPCKCRL = "expired-pck-crl"
    /// Root revocation list that ended to be valid.
    case expiredRootCRL = "expired-root-crl"
    /// The platform's PCK certificate is revoked.
    case revokedPCK = "revoked-pck"
    /// The certificate of the CA that issued the PCK certificate is revoked.
    case revokedPCKAuthority = "revoked-pck-authority"
    /// The TCB signing certificate is revoked.
    case revokedTCBSigning = "revoked-tcb-signing"
    /// TCB info is changed after it was signed.
    case wrongTCBInfoSignature = "wrong-tcb-info-signature"
    /// QE identity is changed after it was signed.
    case wrongQEIdentitySignature = "wrong-qe-identity-signature"
    /// TCB info is of another FMSPC.
    case wrongFMSPC = "wrong-fmspc"
    /// TCB info is of another PCE.
    case wrongPCEID = "wrong-pce-id"
    /// The PCK revocation list is signed by another key.
    case wrongPCKCRLSignature = "wrong-pck-crl-signature"

    // Not errors of the collateral, but statements of it that a policy should not like.

    /// The platform is behind: its TCB status is `OutOfDate`.
    case outOfDatePlatform = "out-of-date-platform"
    /// The platform's TCB status is `SWHardeningNeeded`.
    case hardeningNeeded = "hardening-needed"
    /// The platform's TCB level is `Revoked`.
    case revokedPlatformLevel = "revoked-platform-level"
}

extension Set<SimulatedFault> {
    /// Everything with an end of validity has passed it.
    public static let expired: Set<SimulatedFault> = [.expiredTCBInfo, .expiredQEIdentity, .expiredPCKCRL, .expiredRootCRL]
}
