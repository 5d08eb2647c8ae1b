// SPDX-License-Identifier: Apache-2.0

import Attestation

extension Collateral {
    /// The collateral with a PCK certificate chain.
    func adding(pckChain: [UInt8]) -> Collateral {
        var collateral = self
        collateral.pckChain = pckChain
        return collateral
    }

    /// The chain of the PCK certificate that a quote carries alone (certification data type 4): its CA's comes with the revocation list.
    func pckChain(ofCertificateIn quote: Quote) -> [UInt8] {
        quote.certificationData.content.withoutPadding + self.pckCRLIssuerChain
    }
}

extension [UInt8] {
    /// PEM text that ends in one line end, without the NUL that quotes often have there.
    fileprivate var withoutPadding: [UInt8] {
        self[..<((self.lastIndex { ![0x00, 0x0a, 0x0d, 0x20].contains($0) } ?? -1) + 1)] + [UInt8(ascii: "\n")]
    }
}
