// SPDX-License-Identifier: Apache-2.0

import Attestation
import ByteCoding
import Foundation

/// Collateral as the command line takes it: a folder with the pieces as files, bodies byte for byte as received, or a bundle in one file.
enum CollateralFolder {
    /// Most bytes of a piece.
    private static let fileLimit = 8 << 20

    /// Reads a folder, or out of a bundle what the quote takes.
    static func load(_ path: String, forEncodedQuote quote: [UInt8]) throws -> Collateral {
        var isFolder: ObjCBool = false
        // Sound: the flag is written during the call only.
        guard unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue else { return try self.load(path) }
        return try CollateralBundle(decoding: InputFile.readAll(path, limit: CollateralBundle.maximumSize)).collateral(forEncodedQuote: quote)
    }

    /// Reads what is there.
    ///
    /// A piece that is missing is empty, so that the check which needs it fails and says so.
    static func load(_ path: String) throws -> Collateral {
        guard FileManager.default.fileExists(atPath: "\(path)/.") else {
            throw CommandFailure(
                "no-collateral-folder", "\(path) is neither a folder nor a file",
                remedy: "give a folder with tcb_info.json, qe_identity.json, pck_crl.der, ..., or a bundle",
                exitStatus: .noInput)
        }
        func piece(_ name: String) throws -> [UInt8]? {
            let file = "\(path)/\(name)"
            return FileManager.default.fileExists(atPath: file) ? try InputFile.readAll(file, limit: Self.fileLimit) : nil
        }
        return Collateral(
            tcbInfo: try piece(Name.tcbInfo) ?? [], tcbInfoIssuerChain: try piece(Name.tcbInfoIssuerChain) ?? [],
            qeIdentity: try piece(Name.qeIdentity) ?? [], qeIdentityIssuerChain: try piece(Name.qeIdentityIssuerChain) ?? [],
            pckCRL: try piece(Name.pckCRL) ?? [], pckCRLIssuerChain: try piece(Name.pckCRLIssuerChain) ?? [],
            rootCACRL: try piece(Name.rootCACRL) ?? [], pckChain: try piece(Name.pckChain))
    }

    /// The files of a folder with this collateral.
    static func files(_ collateral: Collateral) -> [(name: String, bytes: [UInt8])] {
        [
            (Name.tcbInfo, collateral.tcbInfo), (Name.tcbInfoIssuerChain, collateral.tcbInfoIssuerChain), (Name.qeIdentity, collateral.qeIdentity),
            (Name.qeIdentityIssuerChain, collateral.qeIdentityIssuerChain), (Name.pckCRL, collateral.pckCRL),
            (Name.pckCRLIssuerChain, collateral.pckCRLIssuerChain), (Name.rootCACRL, collateral.rootCACRL),
        ] + (collateral.pckChain.map { [(Name.pckChain, $0)] } ?? [])
    }

    private enum Name {
        static let tcbInfo = "tcb_info.json"
        static let tcbInfoIssuerChain = "tcb_info_issuer_chain.pem"
        static let qeIdentity = "qe_identity.json"
        static let qeIdentityIssuerChain = "qe_identity_issuer_chain.pem"
        static let pckCRL = "pck_crl.der"
        static let pckCRLIssuerChain = "pck_crl_issuer_chain.pem"
        static let rootCACRL = "root_ca_crl.der"
        static let pckChain = "pck_chain.pem"
    }
}
