// SPDX-License-Identifier: Apache-2.0

import Attestation
import ByteCoding
import Foundation

/// A folder with the pieces of collateral as files, bodies byte for byte as received.
enum CollateralFolder {
    /// Most bytes of a piece.
    private static let fileLimit = 8 << 20

    /// Reads what is there.
    ///
    /// A piece that is missing is empty, so that the check which needs it fails and says so.
    static func load(_ path: String) throws -> Collateral {
        guard FileManager.default.fileExists(atPath: "\(path)/.") else {
            throw CommandFailure(
                "no-collateral-folder", "\(path) is not a folder", remedy: "give a folder with tcb_info.json, qe_identity.json, pck_crl.der, ...",
                exitStatus: .noInput)
        }
        func piece(_ name: String) throws -> [UInt8]? {
            let file = "\(path)/\(name)"
            return FileManager.default.fileExists(atPath: file) ? try InputFile.readAll(file, limit: Self.fileLimit) : nil
        }
        return Collateral(
            tcbInfo: try piece("tcb_info.json") ?? [], tcbInfoIssuerChain: try piece("tcb_info_issuer_chain.pem") ?? [],
            qeIdentity: try piece("qe_identity.json") ?? [], qeIdentityIssuerChain: try piece("qe_identity_issuer_chain.pem") ?? [],
            pckCRL: try piece("pck_crl.der") ?? [], pckCRLIssuerChain: try piece("pck_crl_issuer_chain.pem") ?? [],
            rootCACRL: try piece("root_ca_crl.der") ?? [], pckChain: try piece("pck_chain.pem"))
    }
}
