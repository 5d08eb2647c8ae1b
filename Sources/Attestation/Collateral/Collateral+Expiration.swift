// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

extension Collateral {
    /// When the first statement of this collateral says that it ends; `nil` if one cannot be read.
    ///
    /// Nothing of it is verified.
    ///
    /// For caches, which must not hand out what will be refused as expired.
    package var claimedExpiration: Date? {
        guard let tcbInfo = try? TCBInfo(SignedJSON(decoding: self.tcbInfo, body: "tcbInfo").body),
            let qeIdentity = try? QEIdentity(SignedJSON(decoding: self.qeIdentity, body: "enclaveIdentity").body),
            let pckCRL = try? CertificateRevocationList(decoding: self.pckCRL),
            let rootCACRL = try? CertificateRevocationList(decoding: self.rootCACRL)
        else { return nil }
        return [tcbInfo.nextUpdate, qeIdentity.nextUpdate, pckCRL.nextUpdate, rootCACRL.nextUpdate].min()
    }
}
