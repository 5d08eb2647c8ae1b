// SPDX-License-Identifier: Apache-2.0

import Crypto
import SwiftASN1
import X509

extension SimulatedPlatform {
    /// PCK certificate, its CA's and the root's, PEM.
    func pckChain(faults: Set<SimulatedFault>) throws -> [UInt8] {
        if faults.contains(.garbledPCKChain) { return Array("garbled".utf8) }
        return Self.pem([
            try self.pckCertificate(faults: faults), self.pckAuthority, try self.rootCertificate(isStrange: faults.contains(.strangeRoot)),
        ])
    }

    func pckCertificate(faults: Set<SimulatedFault>) throws -> SimulatedAuthority {
        let damages: [(SimulatedFault, CertificateDamage)] = [
            (.misnamedPCK, .misnamed), (.incompletePCK, .incomplete), (.forgedPCK, .forged), (.expiredPCK, .expired),
            (.pckWithoutSGXExtension, .withoutSGXExtension),
        ]
        guard let damage = damages.first(where: { faults.contains($0.0) })?.1 else { return self.pck }
        return try self.pckAuthority.reissue(.pck(self.hardware), of: self.pck, damage: damage)
    }

    /// The PCK CA's certificate and the root's, PEM.
    var pckAuthorityChain: [UInt8] { Self.pem([self.pckAuthority, self.root]) }

    /// The certificate that signs the TCB info and the root's, PEM.
    func tcbInfoIssuerChain(faults: Set<SimulatedFault>) throws -> [UInt8] {
        if faults.contains(.garbledTCBInfoChain) { return Array("garbled".utf8) }
        let damages: [(SimulatedFault, CertificateDamage)] = [
            (.misnamedTCBInfoSigner, .misnamed), (.incompleteTCBInfoSigner, .incomplete), (.forgedTCBInfoSigner, .forged),
            (.expiredTCBInfoSigner, .expired),
        ]
        return try self.signingChain(faults, damages, isRootStrange: faults.contains(.strangeTCBInfoRoot))
    }

    /// The certificate that signs the QE identity and the root's, PEM.
    func qeIdentityIssuerChain(faults: Set<SimulatedFault>) throws -> [UInt8] {
        if faults.contains(.garbledQEIdentityChain) { return Array("garbled".utf8) }
        let damages: [(SimulatedFault, CertificateDamage)] = [
            (.misnamedQEIdentitySigner, .misnamed), (.incompleteQEIdentitySigner, .incomplete), (.forgedQEIdentitySigner, .forged),
            (.expiredQEIdentitySigner, .expired), (.revokedQEIdentitySigner, .otherSerialNumber),
        ]
        return try self.signingChain(faults, damages, isRootStrange: faults.contains(.strangeQEIdentityRoot))
    }

    private func signingChain(
        _ faults: Set<SimulatedFault>, _ damages: [(SimulatedFault, CertificateDamage)], isRootStrange: Bool
    ) throws -> [UInt8] {
        let damage = damages.first { faults.contains($0.0) }?.1
        let signer = try damage.map { try self.root.reissue(.tcbSigning, of: self.tcbSigning, damage: $0) } ?? self.tcbSigning
        return Self.pem([signer, try self.rootCertificate(isStrange: isRootStrange)])
    }

    /// The root, or one that has only its name.
    private func rootCertificate(isStrange: Bool) throws -> SimulatedAuthority {
        isStrange ? try SimulatedAuthority.makeRoot(at: self.root.certificate.notValidBefore) : self.root
    }

    static func pem(_ authorities: [SimulatedAuthority]) -> [UInt8] {
        let blocks = authorities.map { PEMDocument(type: "CERTIFICATE", derBytes: $0.certificateDER).pemString + "\n" }
        return Array(blocks.joined().utf8)
    }
}
