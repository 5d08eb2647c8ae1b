// SPDX-License-Identifier: Apache-2.0

/// What is needed beside a quote to verify it: Intel's signed statements, as raw bytes exactly as received.
///
/// Nothing here is trusted before ``QuoteVerifier`` has verified it.
public struct Collateral: Hashable, Sendable {
    /// TCB info of the platform's FMSPC: the JSON envelope, byte for byte.
    public var tcbInfo: [UInt8]
    /// Certificates that sign the TCB info: TCB signing certificate and root, PEM.
    public var tcbInfoIssuerChain: [UInt8]
    /// Identity of the quoting enclave: the JSON envelope, byte for byte.
    public var qeIdentity: [UInt8]
    /// Certificates that sign the QE identity: TCB signing certificate and root, PEM.
    public var qeIdentityIssuerChain: [UInt8]
    /// Revocation list of the CA that issued the PCK certificate: DER; PEM and hexadecimal text are accepted.
    public var pckCRL: [UInt8]
    /// Certificates of the CA of ``pckCRL``, PEM.
    ///
    /// Kept for exchange with other verifiers; the list is checked against the PCK chain itself.
    public var pckCRLIssuerChain: [UInt8]
    /// Revocation list of the root CA: DER; PEM and hexadecimal text are accepted.
    public var rootCACRL: [UInt8]
    /// PCK certificate, its CA's and the root's, PEM, for quotes that do not embed them (certification data types 1 to 4).
    public var pckChain: [UInt8]?

    /// Gathers the pieces.
    public init(
        tcbInfo: [UInt8], tcbInfoIssuerChain: [UInt8], qeIdentity: [UInt8], qeIdentityIssuerChain: [UInt8],
        pckCRL: [UInt8], pckCRLIssuerChain: [UInt8], rootCACRL: [UInt8], pckChain: [UInt8]? = nil
    ) {
        self.tcbInfo = tcbInfo
        self.tcbInfoIssuerChain = tcbInfoIssuerChain
        self.qeIdentity = qeIdentity
        self.qeIdentityIssuerChain = qeIdentityIssuerChain
        self.pckCRL = pckCRL
        self.pckCRLIssuerChain = pckCRLIssuerChain
        self.rootCACRL = rootCACRL
        self.pckChain = pckChain
    }
}

extension Collateral {
    /// No collateral at all: with it nothing verifies.
    package static let none = Collateral(
        tcbInfo: [], tcbInfoIssuerChain: [], qeIdentity: [], qeIdentityIssuerChain: [], pckCRL: [], pckCRLIssuerChain: [], rootCACRL: [])
}
