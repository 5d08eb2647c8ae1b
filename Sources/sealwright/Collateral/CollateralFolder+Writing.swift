// SPDX-License-Identifier: Apache-2.0

import Attestation
import ByteCoding

extension CollateralFolder {
    /// Writes the pieces as files, byte for byte, into a folder that appears whole or not at all.
    static func write(_ collateral: Collateral, to path: String, replacing: Bool) throws {
        let folder = try OutputFolder(path: path, replacing: replacing)
        let pieces: [(name: String, bytes: [UInt8]?)] = [
            ("tcb_info.json", collateral.tcbInfo), ("tcb_info_issuer_chain.pem", collateral.tcbInfoIssuerChain),
            ("qe_identity.json", collateral.qeIdentity), ("qe_identity_issuer_chain.pem", collateral.qeIdentityIssuerChain),
            ("pck_crl.der", collateral.pckCRL), ("pck_crl_issuer_chain.pem", collateral.pckCRLIssuerChain),
            ("root_ca_crl.der", collateral.rootCACRL), ("pck_chain.pem", collateral.pckChain),
        ]
        for (name, bytes) in pieces {
            if let bytes { try folder.write(bytes, to: name, permissions: 0o644) }
        }
        try folder.commit()
    }
}
