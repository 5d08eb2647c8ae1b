// SPDX-License-Identifier: Apache-2.0

import Attestation
import Foundation
import TestSupport
import Testing

/// One entry of a vector set: what goes into a verification and what has to come out.
struct VectorCase: Sendable, CustomTestStringConvertible {
    let id: String
    let quote: String
    let collateral: [String: String]
    let root: String
    let time: Date
    /// A TCB status, or "reject".
    let recommended: String
    /// Absent where no reference gave any.
    let advisoryIDs: [String]?
    let isDebug: Bool
    let folder: String

    var testDescription: String { self.id }

    func quoteBytes() throws -> [UInt8] { try SharedVectors.read("\(self.folder)/\(self.quote)") }

    func verifier() throws -> QuoteVerifier {
        let der = try SharedVectors.read("\(self.folder)/\(self.root)")
        return QuoteVerifier(roots: [RootOfTrust(certificateDER: der, kind: .custom)])
    }

    func collateralBytes() throws -> Collateral {
        func piece(_ name: String) throws -> [UInt8] {
            try SharedVectors.read("\(self.folder)/\(self.collateral[name]!)")
        }
        return Collateral(
            tcbInfo: try piece("tcb_info"), tcbInfoIssuerChain: try piece("tcb_info_issuer_chain"), qeIdentity: try piece("qe_identity"),
            qeIdentityIssuerChain: try piece("qe_identity_issuer_chain"), pckCRL: try piece("pck_crl"), pckCRLIssuerChain: [],
            rootCACRL: try piece("root_ca_crl"), pckChain: self.collateral["pck_chain"] == nil ? nil : try piece("pck_chain"))
    }

    func verify() throws -> VerificationOutcome {
        try self.verifier().verify(encodedQuote: try self.quoteBytes(), collateral: try self.collateralBytes(), at: self.time)
    }
}
