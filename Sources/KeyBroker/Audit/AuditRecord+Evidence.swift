// SPDX-License-Identifier: Apache-2.0

import Attestation
import ByteCoding

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

extension AuditRecord {
    /// What a record says about the evidence that is kept beside it, of which the chain of hashes has only the digests.
    ///
    /// The record is searched for a member as it is written (``Decision/json``), for decoding a log of 100,000 takes ten times as long as all the
    /// rest of its verification. A text within the record cannot pass for a member: its quotation marks are escaped.
    enum EvidenceMember: String {
        case quote = "evidenceSHA256"
        case collateral = "collateralSHA256"
    }

    /// Whether it is about a peer that proved what it is: the evidence of those is kept.
    var keepsEvidence: Bool { self.kind != .event && self.contains("\"isVerified\":true") }

    /// Whether it names a digest of what was kept at all; records from before collateral was named do not.
    func names(_ member: EvidenceMember) -> Bool { self.contains("\"\(member.rawValue)\":\"") }

    /// Whether it names this very digest.
    func names(_ digest: EvidenceDigest, as member: EvidenceMember) -> Bool { self.contains("\"\(member.rawValue)\":\"\(digest.hexString)\"") }

    private func contains(_ text: String) -> Bool {
        // Sound: both are lent to the call as terminated strings. A zero byte, which JSON has none of, would only end the search early.
        unsafe strstr(self.body, text) != nil
    }
}
