// SPDX-License-Identifier: Apache-2.0

public import Attestation
import ByteCoding
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
    ///   - tee: for which kind of quotes.
    ///   - tcbInfoVersion: 3, or for SGX 2 as well.
    ///   - faults: what is to be wrong with it; those of quotes do not matter here.
    /// - Returns: the pieces of collateral, signed anew.
    /// - Throws: what signing throws.
    public func collateral(at time: Date, tee: TEE = .sgx, tcbInfoVersion: Int = 3, faults: Set<SimulatedFault> = []) throws -> Collateral {
        Collateral(
            tcbInfo: try self.tcbInfo(tee, version: tcbInfoVersion, at: time, faults: faults),
            tcbInfoIssuerChain: try self.tcbInfoIssuerChain(faults: faults),
            qeIdentity: try self.qeIdentity(tee, at: time, faults: faults),
            qeIdentityIssuerChain: try self.qeIdentityIssuerChain(faults: faults),
            pckCRL: try self.pckCRL(at: time, faults: faults),
            pckCRLIssuerChain: self.pckAuthorityChain,
            rootCACRL: try self.rootCRL(at: time, faults: faults),
            pckChain: faults.contains(.otherPCKChain) ? try SimulatedPlatform.create(at: time).pckChain(faults: []) : nil)
    }

    /// The PCK chain for the collateral of quotes that do not embed it, PEM.
    public func pckChain() throws -> [UInt8] { try self.pckChain(faults: []) }

    func tcbInfo(
        _ tee: TEE, version: Int, at time: Date, faults: Set<SimulatedFault>, evaluation: SimulatedTCBEvaluation = .standard
    ) throws -> [UInt8] {
        if faults.contains(.garbledTCBInfo) { return Self.garbled }
        let validity = Self.validity(
            time, isExpired: faults.contains(.expiredTCBInfo), isFuture: faults.contains(.futureTCBInfo))
        let body = TCBInfoDocument(platform: self, tee: tee, version: version, faults: faults, evaluation: evaluation).body(validity: validity)
        return try self.sign(body, as: "tcbInfo", isTamperedWith: faults.contains(.wrongTCBInfoSignature))
    }

    func qeIdentity(
        _ tee: TEE, at time: Date, faults: Set<SimulatedFault>, evaluation: SimulatedTCBEvaluation = .standard
    ) throws -> [UInt8] {
        if faults.contains(.garbledQEIdentity) { return Self.garbled }
        let validity = Self.validity(
            time, isExpired: faults.contains(.expiredQEIdentity), isFuture: faults.contains(.futureQEIdentity))
        let body = QEIdentityDocument(tee: tee, faults: faults, evaluation: evaluation).body(validity: validity)
        return try self.sign(body, as: "enclaveIdentity", isTamperedWith: faults.contains(.wrongQEIdentitySignature))
    }

    /// The list of TCB evaluations with their dates.
    func tcbEvaluationDataNumbers(_ evaluations: [SimulatedTCBEvaluation], tee: TEE, at time: Date) throws -> [UInt8] {
        let times = DocumentText.times(Self.validity(time, isExpired: false))
        let body = SimulatedTCBEvaluation.list(evaluations, tee: tee.rawValue, times: times)
        return try self.sign(body, as: "tcbEvaluationDataNumbers", isTamperedWith: false)
    }

    private func sign(_ body: String, as name: String, isTamperedWith: Bool) throws -> [UInt8] {
        let key = isTamperedWith ? P256.Signing.PrivateKey() : self.tcbSigning.key
        let signature = try key.signature(for: Array(body.utf8)).rawRepresentation.hexString
        return Array("{\"\(name)\":\(body),\"signature\":\"\(signature)\"}".utf8)
    }

    /// Revocation list of the CA that issued the PCK certificate, DER.
    func pckCRL(at time: Date, faults: Set<SimulatedFault>) throws -> [UInt8] {
        if faults.contains(.garbledPCKCRL) { return Self.garbled }
        return try RevocationList(
            issuer: faults.contains(.pckCRLOfOtherAuthority)
                ? self.root : try Self.signer(self.pckAuthority, isOther: faults.contains(.wrongPCKCRLSignature)),
            revoked: faults.contains(.revokedPCK) ? [self.pck.certificate.serialNumber] : [],
            validity: Self.validity(time, isExpired: faults.contains(.expiredPCKCRL))
        ).encode()
    }

    /// Revocation list of the root CA, DER.
    func rootCRL(at time: Date, faults: Set<SimulatedFault>) throws -> [UInt8] {
        if faults.contains(.garbledRootCRL) { return Self.garbled }
        var revoked: [Certificate.SerialNumber] = []
        if faults.contains(.revokedPCKAuthority) { revoked.append(self.pckAuthority.certificate.serialNumber) }
        if faults.contains(.revokedTCBSigning) { revoked.append(self.tcbSigning.certificate.serialNumber) }
        if faults.contains(.revokedQEIdentitySigner) { revoked.append(SimulatedAuthority.revokedSerialNumber) }
        return try RevocationList(
            issuer: faults.contains(.rootCRLOfOtherAuthority)
                ? self.pckAuthority : try Self.signer(self.root, isOther: faults.contains(.wrongRootCRLSignature)),
            revoked: revoked, validity: Self.validity(time, isExpired: faults.contains(.expiredRootCRL))
        ).encode()
    }

    /// An authority, or somebody of its name with another key.
    private static func signer(_ authority: SimulatedAuthority, isOther: Bool) throws -> SimulatedAuthority {
        isOther ? try SimulatedAuthority(key: P256.Signing.PrivateKey(), certificate: authority.certificate) : authority
    }

    private static let garbled = Array("garbled".utf8)
    private static let day: TimeInterval = 86_400

    private static func validity(_ time: Date, isExpired: Bool, isFuture: Bool = false) -> ClosedRange<Date> {
        let issued = isFuture ? time.addingTimeInterval(Self.day) : time.addingTimeInterval(isExpired ? -31 * Self.day : -3600)
        return issued...issued.addingTimeInterval(30 * Self.day)
    }
}
