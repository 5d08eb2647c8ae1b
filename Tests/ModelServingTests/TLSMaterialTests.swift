// SPDX-License-Identifier: Apache-2.0

import Foundation
import RATLS
import Testing

@testable import ModelServing

@Suite("TLS material that is exchanged")
struct TLSMaterialTests {
    @Test("material that cannot be used is refused")
    func unusable() throws {
        let authority = try CertificateAuthority(named: "first", keyType: .p256, now: Date())
        let server = try authority.issue(to: [try CertificateName("a.test")], role: .server, keyType: .p256, days: 1, now: Date())
        var configuration = SSLConfiguration(
            serverKey: try server.privateKeyPEM(), serverCertificate: try server.certificatePEM(),
            customCA: try authority.identity.certificatePEM(), clientVerify: true)
        let material = try TLSMaterial(configuration)
        configuration.customCA = "no PEM"
        let broken = #expect(throws: ServingError.self) { try material.replace(with: configuration) }
        #expect(broken?.code == .badSSLConfiguration)
        configuration.customCA = ""
        let missing = #expect(throws: ServingError.self) { try material.replace(with: configuration) }
        #expect(missing?.code == .badSSLConfiguration)
    }
}
