// SPDX-License-Identifier: Apache-2.0

import Attestation
import Crypto
import Foundation
import SwiftASN1

/// A quote and collateral of an own small PKI.
///
/// Tests spoil one thing, then make it: everything is signed after that.
struct TestEvidence {
    /// When evidence is verified: 2030-06-15T12:00:00Z.
    static let time = Date(timeIntervalSince1970: 1_907_755_200)
    static let rootName = "Test SGX Root CA"

    let rootKey = P256.Signing.PrivateKey()
    let authorityKey = P256.Signing.PrivateKey()
    let pckKey = P256.Signing.PrivateKey()
    let signerKey = P256.Signing.PrivateKey()
    let attestationKey = P256.Signing.PrivateKey()

    var root: TestCertificate
    var authority: TestCertificate
    var pck: TestCertificate
    var signer: TestCertificate
    var sgx = TestSGXExtension()
    var pckCRL = TestRevocationList(issuer: "Test SGX PCK Platform CA")
    var rootCRL = TestRevocationList(issuer: TestEvidence.rootName)
    var tcbInfo = TestTCBInfo().body
    var tcbInfoEnvelope: (_ body: String, _ signature: String) -> String = { "{\"tcbInfo\":\($0),\"signature\":\"\($1)\"}" }
    var qeIdentity = Self.qeIdentityBody
    var qeFlags: UInt8 = 0x11
    /// What stands in the report data of the quoting enclave after the digest.
    var qeReportDataRest = [UInt8](repeating: 0, count: 32)
    var qeAuthenticationData: [UInt8] = []
    /// ATTRIBUTES of the attested enclave, first byte: INIT and MODE64BIT.
    var enclaveFlags: UInt8 = 0x05
    /// Who signs the PCK CA's certificate, if not the root.
    var authorityIssuerKey: P256.Signing.PrivateKey?
    /// Who signs the TCB signing certificate, if not the root.
    var signerIssuerKey: P256.Signing.PrivateKey?
    /// The root certificate where a test has made it already; signatures differ each time.
    var fixedRoot: [UInt8]?
    /// Changes the certificates of the PCK chain before they are written: leaf, CA, root.
    var arrangePCKChain: ([[UInt8]]) -> [[UInt8]] = { $0 }
    /// Changes the certificates of the TCB signing chain before they are written: leaf, root.
    var arrangeSigningChain: ([[UInt8]]) -> [[UInt8]] = { $0 }
    /// Changes the collateral after it was signed.
    var changeCollateral: (inout Collateral) -> Void = { _ in }
    /// Makes type and content of the certification data out of the PEM of the PCK chain's certificates.
    var certificationData: (_ chain: [[UInt8]]) -> (type: UInt8, content: [UInt8]) = { (5, $0.flatMap { $0 }) }

    static let qeIdentityBody = """
        {"id":"QE","version":2,"issueDate":"2030-06-10T00:00:00Z","nextUpdate":"2030-07-10T00:00:00Z","tcbEvaluationDataNumber":29,\
        "miscselect":"00000000","miscselectMask":"FFFFFFFF","attributes":"11000000000000000000000000000000",\
        "attributesMask":"FBFFFFFFFFFFFFFF0000000000000000","mrsigner":"0000000000000000000000000000000000000000000000000000000000000000",\
        "isvprodid":1,"tcbLevels":[{"tcb":{"isvsvn":5},"tcbDate":"2029-01-01T00:00:00Z","tcbStatus":"UpToDate"}]}
        """

    init() {
        self.root = TestCertificate(Self.rootName, issuer: Self.rootName, serial: 1, key: self.rootKey.publicKey, pathLength: 1)
        self.authority = TestCertificate(
            "Test SGX PCK Platform CA", issuer: Self.rootName, serial: 2, key: self.authorityKey.publicKey, pathLength: 0)
        self.pck = TestCertificate(
            "Test SGX PCK Certificate", issuer: "Test SGX PCK Platform CA", serial: 3, key: self.pckKey.publicKey, pathLength: nil)
        self.signer = TestCertificate("Test SGX TCB Signing", issuer: Self.rootName, serial: 4, key: self.signerKey.publicKey, pathLength: nil)
    }

    /// Signs everything as it now is, and verifies it.
    func verify(at time: Date = Self.time) throws -> VerificationOutcome {
        let root = try self.fixedRoot ?? self.root.encode(signedBy: self.rootKey)
        var pck = self.pck
        if !pck.extensions.contains(where: { $0.oid == TestCertificate.sgx }) { pck.set(TestCertificate.sgx, self.sgx.encode()) }
        let chain = self.arrangePCKChain([
            try pck.encode(signedBy: self.authorityKey), try self.authority.encode(signedBy: self.authorityIssuerKey ?? self.rootKey), root,
        ])
        let signing = self.arrangeSigningChain([try self.signer.encode(signedBy: self.signerIssuerKey ?? self.rootKey), root]).flatMap(Self.pem)
        let identitySignature = Self.hex(try self.signerKey.signature(for: Array(self.qeIdentity.utf8)).rawRepresentation)
        var collateral = Collateral(
            tcbInfo: try self.encodedTCBInfo(), tcbInfoIssuerChain: signing,
            qeIdentity: Array("{\"enclaveIdentity\":\(self.qeIdentity),\"signature\":\"\(identitySignature)\"}".utf8), qeIdentityIssuerChain: signing,
            pckCRL: try self.pckCRL.encode(signedBy: self.authorityKey), pckCRLIssuerChain: [],
            rootCACRL: try self.rootCRL.encode(signedBy: self.rootKey))
        self.changeCollateral(&collateral)
        return QuoteVerifier(roots: [RootOfTrust(certificateDER: root, kind: .custom)])
            .verify(encodedQuote: try self.quote(chain: chain.map(Self.pem)), collateral: collateral, at: time)
    }

    private func encodedTCBInfo() throws -> [UInt8] {
        let signature = Self.hex(try self.signerKey.signature(for: Array(self.tcbInfo.utf8)).rawRepresentation)
        return Array(self.tcbInfoEnvelope(self.tcbInfo, signature).utf8)
    }

    private func quote(chain: [[UInt8]]) throws -> [UInt8] {
        var header = [UInt8](repeating: 0, count: 48)
        (header[0], header[2]) = (3, 2)
        header.replaceSubrange(12..<28, with: [0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9, 0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07])
        var body = [UInt8](repeating: 0, count: 384)
        body[48] = self.enclaveFlags
        let signed = header + body
        let key = Array(self.attestationKey.publicKey.rawRepresentation)
        var report = [UInt8](repeating: 0, count: 384)
        (report[48], report[256], report[258]) = (self.qeFlags, 1, 5)
        report.replaceSubrange(320..<384, with: Array(SHA256.hash(data: key + self.qeAuthenticationData)) + self.qeReportDataRest)
        var data = Array(try self.attestationKey.signature(for: signed).rawRepresentation) + key + report
        data += Array(try self.pckKey.signature(for: report).rawRepresentation)
        let certification = self.certificationData(chain)
        data += Self.littleEndian(self.qeAuthenticationData.count).prefix(2) + self.qeAuthenticationData
        data += [certification.type, 0] + Self.littleEndian(certification.content.count) + certification.content
        return signed + Self.littleEndian(data.count) + data
    }

    private static func littleEndian(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
    private static func hex(_ bytes: Data) -> String { bytes.map { String(format: "%02x", $0) }.joined() }
    static func pem(_ certificate: [UInt8]) -> [UInt8] {
        Array((PEMDocument(type: "CERTIFICATE", derBytes: certificate).pemString + "\n").utf8)
    }
}
