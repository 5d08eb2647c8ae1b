// SPDX-License-Identifier: Apache-2.0

import Attestation
import Crypto
import Testing

@Suite("Certificates")
struct CertificateTests {
    /// One way to spoil a certificate.
    struct Spoiling: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let check: Check.ID
        let apply: @Sendable (inout TestEvidence) -> Void

        init(_ name: String, _ check: Check.ID, _ apply: @escaping @Sendable (inout TestEvidence) -> Void) {
            self.testDescription = name
            self.check = check
            self.apply = apply
        }
    }

    @Test("unspoiled evidence is verified")
    func unspoiled() throws {
        let outcome = try TestEvidence().verify()
        let verified = try #require(outcome.verifiedQuote, "\(outcome.report.summary)")
        #expect(verified.tcbStatus == .upToDate)
        #expect(verified.tcbEvaluationDataNumber == 29)
        #expect(verified.platform.tcbComponents == TestSGXExtension.components)
        #expect(verified.platform.certificateAuthority == .platform)
        #expect(verified.platform.memoryProtection == .scalable)
    }

    static let profiles: [Spoiling] = [
        Spoiling("unknown critical extension", .pckChainProfile) { $0.pck.set([0x2a, 0x03, 0x04], isCritical: true, [0x05, 0x00]) },
        Spoiling("unknown critical extension in the CA", .pckChainProfile) { $0.authority.set([0x2a, 0x03, 0x04], isCritical: true, [0x05, 0x00]) },
        Spoiling("version 1", .pckChainProfile) { $0.pck.version = 0 },
        Spoiling("version 2", .pckChainProfile) { $0.authority.version = 1 },
        Spoiling("negative serial number", .pckChainProfile) { $0.pck.serial = [0x80] },
        Spoiling("wrong curve", .pckChainProfile) {
            let point = Array(P384.Signing.PrivateKey().publicKey.x963Representation)
            $0.pck.publicKey = TestCertificate.publicKeyInfo(curve: [0x2b, 0x81, 0x04, 0x00, 0x22], point: point)
        },
        Spoiling("point off the curve", .pckChainProfile) {
            $0.pck.publicKey = TestCertificate.publicKeyInfo(
                curve: [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07], point: [4] + [UInt8](repeating: 5, count: 64))
        },
        Spoiling("other signature algorithm", .pckChainProfile) { $0.pck.algorithm = DERBytes.ecdsaWithSHA384 },
        Spoiling("CA without CA flag", .pckChainProfile) { $0.authority.setConstraints(isAuthority: false, pathLength: nil) },
        Spoiling("leaf with CA flag", .pckChainProfile) { $0.pck.setConstraints(isAuthority: true, pathLength: 0) },
        Spoiling("root with too short a path", .pckChainProfile) { $0.root.setConstraints(isAuthority: true, pathLength: 0) },
        Spoiling("CA that may not sign certificates", .pckChainProfile) { $0.authority.setKeyUsage(0x02) },
        Spoiling("CA that may not sign lists", .pckChainProfile) { $0.authority.setKeyUsage(0x04) },
        Spoiling("leaf that may not sign", .pckChainProfile) { $0.pck.setKeyUsage(0x40) },
        Spoiling("no basic constraints", .pckChainProfile) { $0.authority.remove(TestCertificate.basicConstraints) },
        Spoiling("no key usage", .pckChainProfile) { $0.pck.remove(TestCertificate.keyUsage) },
        Spoiling("no authority key identifier", .pckChainProfile) { $0.pck.remove(TestCertificate.authorityKeyIdentifier) },
        Spoiling("malformed basic constraints", .pckChainProfile) { $0.pck.set(TestCertificate.basicConstraints, isCritical: true, [0x30, 0x05]) },
        Spoiling("no CRL distribution points", .pckChainProfile) { $0.pck.remove(TestCertificate.crlDistributionPoints) },
        Spoiling("no subject key identifier", .pckChainProfile) { $0.authority.remove(TestCertificate.subjectKeyIdentifier) },
        Spoiling("leaf with a path length", .pckChainProfile) { $0.pck.setConstraints(isAuthority: false, pathLength: 0) },
        Spoiling("CA with a negative path length", .pckChainProfile) {
            $0.authority.set(TestCertificate.basicConstraints, isCritical: true, DERBytes.sequence(DERBytes.boolean(true), DERBytes.integer([0xff])))
        },
        Spoiling("root that may not sign certificates", .pckChainProfile) { $0.root.setKeyUsage(0x02) },
        Spoiling("point of P-256 said to be of another curve", .pckChainProfile) {
            let point = Array($0.pckKey.publicKey.x963Representation)
            $0.pck.publicKey = TestCertificate.publicKeyInfo(curve: [0x2b, 0x81, 0x04, 0x00, 0x0a], point: point)
        },
        Spoiling("CA signed by another key", .pckChainSignature) { $0.authorityIssuerKey = P256.Signing.PrivateKey() },
        Spoiling("PCK certificate signed by the root", .pckChainSignature) { evidence in
            let (pck, sgx, rootKey) = (evidence.pck, evidence.sgx, evidence.rootKey)
            evidence.arrangePCKChain = { chain in
                var pck = pck
                pck.set(TestCertificate.sgx, sgx.encode())
                return [(try? pck.encode(signedBy: rootKey)) ?? [], chain[1], chain[2]]
            }
        },
        Spoiling("more than 32 extensions", .pckChainFormat) { evidence in
            for number in 0..<33 { evidence.pck.set([0x2a, 0x04, UInt8(number)], [5, 0]) }
        },
        Spoiling("certificate of more than 16 KiB", .pckChainFormat) { $0.pck.set([0x2a, 0x04, 0x01], [UInt8](repeating: 0, count: 16 * 1024)) },
        Spoiling("a fourth certificate", .pckChainFormat) { $0.arrangePCKChain = { $0 + [$0[2]] } },
        Spoiling("no root certificate", .pckChainFormat) { $0.arrangePCKChain = { Array($0.dropLast()) } },
        Spoiling("root first", .pckChainNames) { $0.arrangePCKChain = { $0.reversed() } },
        Spoiling("a third certificate in the signing chain", .tcbInfoChainFormat) { $0.arrangeSigningChain = { $0 + [$0[1]] } },
        Spoiling("CA without CA in its name", .pckChainNames) {
            $0.authority.commonName = "Test SGX PCK Platform"
            $0.pck.issuerName = "Test SGX PCK Platform"
        },
        Spoiling("root with another name", .pckChainNames) {
            $0.root.commonName = "Test Root CA"
            $0.root.issuerName = "Test Root CA"
            $0.authority.issuerName = "Test Root CA"
        },
        Spoiling("root that names another issuer", .pckChainNames) { $0.root.issuerName = "Other SGX Root CA" },
        Spoiling("an extension twice", .pckChainFormat) { $0.pck.extensions.append($0.pck.extensions[0]) },
        Spoiling("serial number of 22 bytes", .pckChainFormat) { $0.pck.serial = [UInt8](repeating: 1, count: 22) },
        Spoiling("month 13", .pckChainFormat) { $0.pck.notAfter = "351301000000Z" },
        Spoiling("PCK certificate with another name", .pckChainNames) { $0.pck.commonName = "Test SGX Certificate" },
        Spoiling("PCK certificate of another issuer", .pckChainNames) { $0.pck.issuerName = "Test SGX PCK Processor CA" },
        Spoiling("TCB signer named as PCK certificate", .tcbInfoChainNames) { $0.signer.commonName = "Test SGX PCK Certificate" },
        Spoiling("TCB signer with an unknown critical extension", .tcbInfoChainProfile) { $0.signer.set([0x2a, 0x03], isCritical: true, [5, 0]) },
        Spoiling("TCB signer signed by another key", .tcbInfoChainSignature) { $0.signerIssuerKey = P256.Signing.PrivateKey() },
        Spoiling("PCK certificate that ended", .pckChainValidity) { $0.pck.notAfter = "300615115959Z" },
        Spoiling("CA that has not begun", .pckChainValidity) { $0.authority.notBefore = "300615120001Z" },
        Spoiling("TCB signer that ended", .tcbInfoChainValidity) { $0.signer.notAfter = "300615115959Z" },
        Spoiling("revoked PCK certificate", .pckCRLRevocation) { $0.pckCRL.serials = [[7], [3]] },
        Spoiling("revoked CA", .rootCRLRevocation) { $0.rootCRL.serials = [[2]] },
        Spoiling("root that revokes itself", .rootCRLRevocation) { $0.rootCRL.serials = [[1]] },
        Spoiling("revoked TCB signer", .tcbInfoChainRevocation) { $0.rootCRL.serials = [[4]] },
    ]

    @Test("a spoiled certificate fails the check that it is about", arguments: Self.profiles)
    func spoiled(spoiling: Spoiling) throws {
        var evidence = TestEvidence()
        spoiling.apply(&evidence)
        #expect(try evidence.verify().report.firstFailure?.id == spoiling.check)
    }

    @Test("validity bounds belong to the validity")
    func bounds() throws {
        var evidence = TestEvidence()
        evidence.pck.notAfter = "300615120000Z"
        evidence.authority.notBefore = "300615120000Z"
        let verified = try #require(try evidence.verify().verifiedQuote)
        #expect(verified.collateralIssued == TestEvidence.time)
        #expect(verified.collateralExpiration == TestEvidence.time)
    }

    @Test("a quote with the PCK certificate alone needs the same one in the collateral's chain")
    func leafMatch() throws {
        let root = TestEvidence()
        var pck = root.pck
        pck.set(TestCertificate.sgx, root.sgx.encode())
        let authority = try root.authority.encode(signedBy: root.rootKey)
        let chain = [try pck.encode(signedBy: root.authorityKey), authority, try root.root.encode(signedBy: root.rootKey)].map(TestEvidence.pem)
        pck.serial = [5]
        let other = TestEvidence.pem(try pck.encode(signedBy: root.authorityKey))
        for (leaf, failure) in [(other, Check.ID.pckChainLeafMatch), ([0x41], .pckChainLeafMatch), ([], .pckChainLeafMatch)] {
            var evidence = root
            evidence.certificationData = { _ in (4, leaf) }
            evidence.changeCollateral = { $0.pckChain = chain.flatMap { $0 } }
            #expect(try evidence.verify().report.firstFailure?.id == failure)
        }
    }

    static let extensions: [Spoiling] = [
        Spoiling("CPUSVN that differs", .pckCertificateSGXExtension) { $0.sgx.cpuSVN[0] = 6 },
        Spoiling("a field twice", .pckCertificateSGXExtension) { $0.sgx.extra = [TestSGXExtension.field([3], DERBytes.octets([0, 0]))] },
        Spoiling("a field of another kind", .pckCertificateSGXExtension) {
            $0.sgx.extra = [DERBytes.sequence(DERBytes.identifier([0x2a, 3]), [5, 0])]
        },
        Spoiling("PPID of 15 bytes", .pckCertificateSGXExtension) { $0.sgx.ppid.removeLast() },
        Spoiling("SGX type 3", .pckCertificateSGXExtension) { $0.sgx.type = [0x0a, 0x01, 0x03] },
        Spoiling("SGX type as INTEGER", .pckCertificateSGXExtension) { $0.sgx.type = [0x02, 0x01, 0x01] },
        Spoiling("no FMSPC", .pckCertificateSGXExtension) { $0.sgx.omitted = [4] },
        Spoiling("no TCB", .pckCertificateSGXExtension) { $0.sgx.omitted = [2] },
        Spoiling("15 components", .pckCertificateSGXExtension) { $0.sgx.components.removeLast() },
        Spoiling("PCESVN above 65535", .pckCertificateSGXExtension) { $0.sgx.pceSVN = 65536 },
        Spoiling("no DER at all", .pckCertificateSGXExtension) { $0.pck.set(TestCertificate.sgx, [0x30, 0x80]) },
    ]

    @Test("a spoiled SGX extension is refused", arguments: Self.extensions)
    func spoiledExtension(spoiling: Spoiling) throws {
        var evidence = TestEvidence()
        spoiling.apply(&evidence)
        #expect(try evidence.verify().report.firstFailure?.id == spoiling.check)
    }

    @Test("fields of the platform CA's certificates are read")
    func platformFields() throws {
        var evidence = TestEvidence()
        let configuration = DERBytes.sequence(
            TestSGXExtension.field([7, 1], DERBytes.boolean(true)), TestSGXExtension.field([7, 3], DERBytes.boolean(false)))
        evidence.sgx.extra = [
            TestSGXExtension.field([7], configuration), TestSGXExtension.field([6], DERBytes.octets([UInt8](repeating: 3, count: 16))),
        ]
        let platform = try #require(try evidence.verify().verifiedQuote?.platform)
        #expect(platform.platformInstanceID == PlatformInstanceID([UInt8](repeating: 3, count: 16)))
        #expect(platform.isDynamicPlatform == true)
        #expect(platform.hasCachedKeys == nil)
        #expect(platform.isSMTEnabled == false)
    }
}
