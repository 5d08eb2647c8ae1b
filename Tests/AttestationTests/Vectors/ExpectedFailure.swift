// SPDX-License-Identifier: Apache-2.0

import Attestation

/// Which check an entry of a vector set that must be refused is about, by what its name contains.
enum ExpectedFailure {
    /// The first pattern that an entry's name contains decides.
    static let table: [(pattern: String, check: Check.ID)] = [
        ("-below-all", .qeIdentityTCBLevel),
        ("tcbinfo-bad-sig", .tcbInfoSignature),
        ("qeid-bad-sig", .qeIdentitySignature),
        ("pck-crl-bad-sig", .pckCRLSignature),
        ("root-crl-bad-sig", .rootCRLSignature),
        ("crls-swapped", .rootCRLIssuer),
        ("pck-crl-garbage", .pckCRLFormat),
        ("pck-crl-wrong-issuer", .pckCRLIssuer),
        ("pck-crl-expired", .pckCRLFreshness),
        ("root-crl-expired", .rootCRLFreshness),
        ("pck-ca-revoked", .rootCRLRevocation),
        ("pck-revoked", .pckCRLRevocation),
        ("tcb-signing-revoked", .tcbInfoChainRevocation),
        ("pck-ca-expired", .pckChainValidity),
        ("root-expired", .pckChainValidity),
        ("tcb-signing-not-yet-valid", .tcbInfoChainValidity),
        ("tcb-signing-expired", .tcbInfoChainValidity),
        ("pck-signed-by-other", .pckChainSignature),
        ("pck-cn-wrong", .pckChainNames),
        ("tcbinfo-expired", .tcbInfoFreshness),
        ("tcb-info-expired", .tcbInfoFreshness),
        ("tcb-info-at-next-update", .qeIdentityFreshness),  // That entry's QE identity ended half an hour before.
        ("tcbinfo-future", .tcbInfoFreshness),
        ("before-tcb-info-issue-date", .pckCRLFreshness),  // That entry's PCK revocation list had not begun either.
        ("qe-identity-expired", .qeIdentityFreshness),
        ("qeid-expired", .qeIdentityFreshness),
        ("qeid-future", .qeIdentityFreshness),
        ("unknown-status", .tcbInfoContent),
        ("tcbinfo-", .tcbInfoContent),
        ("qeid-missing", .qeIdentityContent),
        ("qeid-other-id", .qeIdentityID),
        ("qeid-qve", .qeIdentityID),
        ("qe-mrsigner", .qeIdentityMRSigner),
        ("qe-prodid", .qeIdentityISVProdID),
        ("qe-misc", .qeIdentityMiscSelect),
        ("qe-attr-", .qeIdentityAttributes),
        ("att-key-type", .quoteFormat),
        ("att-key-", .quoteAttestationKey),
        ("qe-report-bit", .qeReportSignature),
        ("qe-sig-bit", .qeReportSignature),
        ("qe-signed-by-other", .qeReportSignature),
        ("qe-auth-bit", .qeReportKeyBinding),
        ("body-bit", .quoteSignature),
        ("header-user-data-bit", .quoteSignature),
        ("quote-sig", .quoteSignature),
        ("sig-size", .quoteFormat),
        ("cert-size", .quoteFormat),
        ("cert-type-6", .quoteFormat),
        ("cut-", .quoteFormat),
        ("version-", .quoteFormat),
        ("tee-", .quoteFormat),
        ("vendor-id", .quoteFormat),
    ]

    static func check(for id: String) -> Check.ID? { self.table.first { id.contains($0.pattern) }?.check }
}
