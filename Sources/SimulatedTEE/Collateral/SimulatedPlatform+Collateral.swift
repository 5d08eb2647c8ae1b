// SPDX-License-Identifier: Apache-2.0

public import Attestation
import Crypto
import SwiftASN1
import X509

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

extension SimulatedPlatform {
    /// Makes the collateral of this platform, issued an hour before `time` and valid for 30 days from it.
    ///
    /// - Parameters:
    ///   - time: when it has to be valid.
    ///   - faults: what is to be wrong with it; those of quotes do not matter here.
    /// - Returns: the pieces of collateral, signed anew.
    /// - Throws: what signing throws.
    public func collateral(at time: Date, faults: Set<SimulatedFault> = []) throws -> Collateral {
        Collateral(
            tcbInfo: try self.tcbInfo(version: 3, at: time, faults: faults),
            tcbInfoIssuerChain: self.tcbSigningChain,
            qeIdentity: try self.qeIdentity(at: time, faults: faults),
            qeIdentityIssuerChain: self.tcbSigningChain,
            pckCRL: try self.pckCRL(at: time, faults: faults),
            pckCRLIssuerChain: self.pckAuthorityChain,
            rootCACRL: try self.rootCRL(at: time, faults: faults))
    }

    func tcbInfo(version: Int, at time: Date, faults: Set<SimulatedFault>) throws -> [UInt8] {
        let validity = faults.contains(.futureTCBInfo) ? Self.future(time) : Self.validity(time, isExpired: faults.contains(.expiredTCBInfo))
        return try CollateralDocuments(platform: self, faults: faults).tcbInfo(version: version, validity: validity)
    }

    func qeIdentity(at time: Date, faults: Set<SimulatedFault>) throws -> [UInt8] {
        let validity = Self.validity(time, isExpired: faults.contains(.expiredQEIdentity))
        return try CollateralDocuments(platform: self, faults: faults).qeIdentity(validity: validity)
    }

    /// Revocation list of the CA that issued the PCK certificate, DER.
    func pckCRL(at time: Date, faults: Set<SimulatedFault>) throws -> [UInt8] {
        let issuer =
            faults.contains(.wrongPCKCRLSignature)
            ? try SimulatedAuthority(key: P256.Signing.PrivateKey(), certificate: self.pckAuthority.certificate) : self.pckAuthority
        return try RevocationList(
            issuer: issuer, revoked: faults.contains(.revokedPCK) ? [self.pck.certificate.serialNumber] : [],
            validity: Self.validity(time, isExpired: faults.contains(.expiredPCKCRL))
        ).encode()
    }

    /// Revocation list of the root CA, DER.
    func rootCRL(at time: Date, faults: Set<SimulatedFault>) throws -> [UInt8] {
        var revoked: [Certificate.SerialNumber] = []
        if faults.contains(.revokedPCKAuthority) { revoked.append(self.pckAuthority.certificate.serialNumber) }
        if faults.contains(.revokedTCBSigning) { revoked.append(self.tcbSigning.certificate.serialNumber) }
        return try RevocationList(
            issuer: self.root, revoked: revoked, validity: Self.validity(time, isExpired: faults.contains(.expiredRootCRL))
        ).encode()
    }

    /// PCK certificate, its CA's and the root's, PEM.
    var pckChain: [UInt8] { Self.pem([self.pck, self.pckAuthority, self.root]) }
    /// The PCK CA's certificate and the root's, PEM.
    var pckAuthorityChain: [UInt8] { Self.pem([self.pckAuthority, self.root]) }
    /// TCB signing certificate and the root's, PEM.
    var tcbSigningChain: [UInt8] { Self.pem([self.tcbSigning, self.root]) }

    private static func pem(_ authorities: [SimulatedAuthority]) -> [UInt8] {
        let blocks = authorities.map { PEMDocument(type: "CERTIFICATE", derBytes: $0.certificateDER).pemString + "\n" }
        return Array(blocks.joined().utf8)
    }

    private static let day: TimeInterval = 86_400

    private static func validity(_ time: Date, isExpired: Bool) -> ClosedRange<Date> {
        let issued = isExpired ? time.addingTimeInterval(-31 * Self.day) : time.addingTimeInterval(-3600)
        return issued...issued.addingTimeInterval(30 * Self.day)
    }

    private static func future(_ time: Date) -> ClosedRange<Date> {
        time.addingTimeInterval(Self.day)...time.addingTimeInterval(30 * Self.day)
    }
}
