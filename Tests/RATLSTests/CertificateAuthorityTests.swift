// SPDX-License-Identifier: Apache-2.0

import Foundation
import RATLS
import Testing
import X509

@Suite("CertificateAuthority")
struct CertificateAuthorityTests {
    static let now = Date()

    @Test("an issued certificate verifies against its authority, for every key type", arguments: CertificateKeyType.names)
    func chain(name: String) async throws {
        let keyType = try #require(CertificateKeyType(name: name))
        let authority = try CertificateAuthority(named: "Test CA", keyType: keyType, now: Self.now)
        let server = try authority.issue(
            to: [CertificateName("a.example"), CertificateName("10.0.0.7")], role: .server, keyType: keyType, days: 30, now: Self.now)
        var verifier = Verifier(rootCertificates: CertificateStore([authority.identity.certificate])) { RFC5280Policy() }
        let result = await verifier.validate(leaf: server.certificate, intermediates: CertificateStore([]))
        guard case .validCertificate = result else {
            Issue.record("not valid: \(result)")
            return
        }
        #expect(try server.certificate.extensions.extendedKeyUsage == ExtendedKeyUsage([.serverAuth]))
        let names = try #require(try server.certificate.extensions.subjectAlternativeNames)
        #expect(names.count == 2)
    }

    @Test("a certificate never outlives its authority")
    func lifetime() throws {
        let authority = try CertificateAuthority(named: "Test CA", keyType: .p256, now: Self.now)
        let late = Self.now.addingTimeInterval(3_600 * 86_400)
        let client = try authority.issue(to: [CertificateName("c.example")], role: .client, keyType: .p256, days: 3650, now: late)
        #expect(client.certificate.notValidAfter == authority.identity.certificate.notValidAfter)
    }

    @Test(
        "what is no name is refused",
        arguments: ["", "-a.example", "a..example", "a b", "exa\u{6d}ple.com/", "*.", String(repeating: "a", count: 64)])
    func malformedNames(text: String) {
        let error = #expect(throws: CertificateIssuanceError.self) { try CertificateName(text) }
        #expect(error?.identifier == "malformed-name")
    }

    @Test(
        "names and addresses are taken", arguments: ["localhost", "grpc.tf-serving.service.com", "*.example.com", "10.0.0.7", "::1", "2001:db8::7"])
    func names(text: String) throws {
        #expect(try CertificateName(text).text == text)
    }

    @Test("a lifetime out of range is refused", arguments: [0, -1, 3651])
    func lifetimes(days: Int) throws {
        let authority = try CertificateAuthority(named: "Test CA", keyType: .p256, now: Self.now)
        let error = #expect(throws: CertificateIssuanceError.self) {
            try authority.issue(to: [CertificateName("c.example")], role: .client, keyType: .p256, days: days, now: Self.now)
        }
        #expect(error?.identifier == "unfit-lifetime")
    }

    @Test("the private key is not in the description")
    func redaction() throws {
        let authority = try CertificateAuthority(named: "Test CA", keyType: .p256, now: Self.now)
        #expect("\(authority.identity)".contains("<redacted>"))
    }
}
