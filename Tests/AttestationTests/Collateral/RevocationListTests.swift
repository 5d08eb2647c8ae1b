// SPDX-License-Identifier: Apache-2.0

import Attestation
import ByteCoding
import SwiftASN1
import Testing

@Suite("Revocation lists")
struct RevocationListTests {
    static let spoilings: [CertificateTests.Spoiling] = [
        .init("no next update", .pckCRLFormat) { $0.pckCRL.nextUpdate = nil },
        .init("no number", .pckCRLFormat) { $0.pckCRL.extensions.removeFirst() },
        .init("no extensions", .pckCRLFormat) { $0.pckCRL.extensions = [] },
        .init("unknown critical extension", .pckCRLFormat) {
            $0.pckCRL.extensions.append(DERBytes.extension([0x55, 0x1d, 0x1c], isCritical: true, DERBytes.sequence()))
        },
        .init("unknown critical extension in an entry", .pckCRLFormat) {
            $0.pckCRL.serials = [[9]]
            $0.pckCRL.entryExtensions = DERBytes.extension([0x55, 0x1d, 0x1d], isCritical: true, DERBytes.sequence())
        },
        .init("no authority key identifier", .rootCRLFormat) { $0.rootCRL.extensions.removeLast() },
        .init("version 1", .pckCRLFormat) { $0.pckCRL.version = 0 },
        .init("an entry without a time", .pckCRLFormat) {
            $0.pckCRL.serials = [[9]]
            $0.pckCRL.entryTime = DERBytes.octets([1])
        },
        .init("two lists in one PEM text", .pckCRLFormat) {
            $0.changeCollateral = { collateral in
                let text = PEMDocument(type: "X509 CRL", derBytes: collateral.pckCRL).pemString + "\n"
                collateral.pckCRL = Array((text + text).utf8)
            }
        },
        .init("PEM of something else", .pckCRLFormat) {
            $0.changeCollateral = { $0.pckCRL = TestEvidence.pem($0.pckCRL) }
        },
        .init("bytes after the list", .pckCRLFormat) { $0.changeCollateral = { $0.pckCRL.append(0) } },
        .init("hexadecimal text with an odd number of digits", .rootCRLFormat) {
            $0.changeCollateral = { $0.rootCACRL = Array(($0.rootCACRL.hexString + "0").utf8) }
        },
        .init("more bytes than any list has", .rootCRLFormat) {
            $0.changeCollateral = { $0.rootCACRL += [UInt8](repeating: 0x20, count: 4 << 20) }
        },
        .init("other signature algorithm", .pckCRLSignature) { $0.pckCRL.algorithm = DERBytes.ecdsaWithSHA384 },
        .init("list of another CA", .pckCRLIssuer) { $0.pckCRL.issuer = "Test SGX PCK Processor CA" },
        .init("list that has not begun", .pckCRLFreshness) { $0.pckCRL.thisUpdate = "300615120001Z" },
        .init("list that ended", .rootCRLFreshness) { $0.rootCRL.nextUpdate = "300615115959Z" },
    ]

    @Test("a spoiled list fails the check that it is about", arguments: Self.spoilings)
    func spoiled(spoiling: CertificateTests.Spoiling) throws {
        var evidence = TestEvidence()
        spoiling.apply(&evidence)
        #expect(try evidence.verify().report.firstFailure?.id == spoiling.check)
    }

    @Test("serial numbers are compared as unsigned integers")
    func unsigned() throws {
        var evidence = TestEvidence()
        evidence.pck.serial = [0x00, 0xfd, 0x01]
        evidence.pckCRL.serials = [[0xfd, 0x01]]
        #expect(try evidence.verify().report.firstFailure?.id == .pckCRLRevocation)
    }

    @Test("one among thousands of entries is found")
    func manyEntries() throws {
        var evidence = TestEvidence()
        evidence.pck.serial = [0x11, 0x13, 0x37]
        evidence.pckCRL.serials = (0..<5000).map { [0x11, UInt8($0 >> 8), UInt8($0 & 0xff)] }
        #expect(try evidence.verify().report.firstFailure?.id == .pckCRLRevocation)
        evidence.pck.serial = [0x12, 0x13, 0x37]
        #expect(try evidence.verify().verifiedQuote != nil)
    }
}
