// SPDX-License-Identifier: Apache-2.0

public import Attestation
import Crypto
import X509

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// A processor with SGX made of software: root CA, PCK certificate, quoting enclave and attestation key.
///
/// INSECURE by nature. Its quotes have the form of genuine ones and are verified by the same code, but its keys lie in a file, so that
/// a quote proves only that its maker could read that file. Nothing but the root of trust tells the two apart.
public struct SimulatedPlatform: Sendable {
    let hardware: SimulatedHardware
    let root: SimulatedAuthority
    let pckAuthority: SimulatedAuthority
    let pck: SimulatedAuthority
    let tcbSigning: SimulatedAuthority
    let attestationKey: P256.Signing.PrivateKey

    /// What TCB info is published for.
    public var fmspc: FMSPC { self.hardware.fmspc }

    /// The root certificate, DER.
    public var rootCertificateDER: [UInt8] { self.root.certificateDER }

    /// The root to pass to ``Attestation/QuoteVerifier`` where this platform's evidence is to be accepted.
    public var rootOfTrust: RootOfTrust {
        RootOfTrust(certificateDER: self.rootCertificateDER, kind: .simulated, name: SimulatedAuthority.rootName)
    }

    /// Makes a new platform with keys of its own, whose certificates are valid from the day before `time` for 20 years.
    public static func create(at time: Date) throws -> SimulatedPlatform {
        let hardware = SimulatedHardware.random()
        let root = try SimulatedAuthority.makeRoot(at: time)
        let pckAuthority = try root.issue(.pckAuthority, at: time)
        return SimulatedPlatform(
            hardware: hardware,
            root: root,
            pckAuthority: pckAuthority,
            pck: try pckAuthority.issue(.pck(hardware), at: time),
            tcbSigning: try root.issue(.tcbSigning, at: time),
            attestationKey: P256.Signing.PrivateKey())
    }
}
