// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRPCNIOTransportHTTP2
import RATLS
import Testing

@testable import ModelServing

@Suite("TLS material that is exchanged")
struct TLSMaterialTests {
    private struct Fixture {
        let first: CertificateAuthority
        let second: CertificateAuthority
        let configuration: SSLConfiguration

        init() throws {
            self.first = try CertificateAuthority(named: "first", keyType: .p256, now: Date())
            self.second = try CertificateAuthority(named: "second", keyType: .p256, now: Date())
            let server = try self.first.issue(to: [try CertificateName("a.test")], role: .server, keyType: .p256, days: 1, now: Date())
            self.configuration = SSLConfiguration(
                serverKey: try server.privateKeyPEM(), serverCertificate: try server.certificatePEM(),
                customCA: try self.first.identity.certificatePEM(), clientVerify: true)
        }

        /// A connection whose TLS session was taken up again, so that nothing was validated.
        func resumed(_ authority: CertificateAuthority, role: CertificateAuthority.Role = .client) throws -> HTTP2ServerTransport.Posix.Context {
            var context = HTTP2ServerTransport.Posix.Context()
            context.peerCertificate = try authority.issue(
                to: [try CertificateName("c.test")], role: role, keyType: .p256, days: 1, now: Date()
            ).certificate
            return context
        }
    }

    @Test("a session of old is good until its client's authority is exchanged for another one")
    func resumption() async throws {
        let fixture = try Fixture()
        let material = try TLSMaterial(fixture.configuration)
        let (old, new) = (try fixture.resumed(fixture.first), try fixture.resumed(fixture.second))
        let atFirst = await material.admits(old)
        #expect(atFirst)
        var renewed = fixture.configuration
        // The same authority in another file is none other.
        try material.replace(with: renewed)
        let afterwards = await material.admits(old)
        #expect(afterwards)
        renewed.customCA = try fixture.second.identity.certificatePEM()
        try material.replace(with: renewed)
        let admissions = [await material.admits(old), await material.admits(new), await material.admits(.init())]
        #expect(admissions == [false, true, false])
        // Whoever came back to the first has the second's clients to keep out.
        try material.replace(with: fixture.configuration)
        let back = [await material.admits(old), await material.admits(new)]
        #expect(back == [true, false])
    }

    @Test("a certificate for servers lets no client in")
    func usage() async throws {
        let fixture = try Fixture()
        let authorities = try PEMDocument.certificates(Array(try fixture.first.identity.certificatePEM().utf8), name: "CA")
        let verifier = try ClientCertificateVerifier(authorities: authorities, name: "CA")
        let server = try #require(try fixture.resumed(fixture.first, role: .server).peerCertificate)
        let client = try #require(try fixture.resumed(fixture.first).peerCertificate)
        let accepted = [await verifier.accepts(server), await verifier.accepts(client)]
        #expect(accepted == [false, true])
    }

    @Test("material that cannot be used leaves the old in place")
    func unusable() throws {
        let fixture = try Fixture()
        let material = try TLSMaterial(fixture.configuration)
        var other = fixture.configuration
        other.clientVerify = false
        let changed = #expect(throws: ServingError.self) { try material.replace(with: other) }
        #expect(changed?.message.hasPrefix("ssl.cfg: client_verify has changed") == true)
        other = fixture.configuration
        other.customCA = "no PEM"
        let broken = #expect(throws: ServingError.self) { try material.replace(with: other) }
        #expect(broken?.code == .badSSLConfiguration)
    }
}
