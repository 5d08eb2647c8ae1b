// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import RATLS
import SwiftASN1
import Testing
import X509

@Suite("Certificates that TLS clients show")
struct ClientCertificateVerifierTests {
    /// A key with its certificate.
    private struct Holder {
        let key = P256.Signing.PrivateKey()
        let certificate: Certificate

        /// Issued by another, or by itself.
        init(
            _ name: String, from issuer: Holder? = nil, isAuthority: Bool = false, usages: [ExtendedKeyUsage.Usage] = [],
            until end: TimeInterval = 3600
        ) throws {
            let subject = try DistinguishedName { CommonName(name) }
            let signer = Certificate.PrivateKey(issuer?.key ?? self.key)
            self.certificate = try Certificate(
                version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: .init(self.key.publicKey),
                notValidBefore: Date(timeIntervalSinceNow: -7200),
                notValidAfter: Date(timeIntervalSinceNow: end), issuer: issuer?.certificate.subject ?? subject, subject: subject,
                signatureAlgorithm: .ecdsaWithSHA256,
                extensions: try Certificate.Extensions {
                    Critical(isAuthority ? BasicConstraints.isCertificateAuthority(maxPathLength: nil) : .notCertificateAuthority)
                    if !usages.isEmpty { try ExtendedKeyUsage(usages) }
                }, issuerPrivateKey: signer)
        }

        var encoded: [UInt8] {
            get throws {
                var serializer = DER.Serializer()
                try serializer.serialize(self.certificate)
                return serializer.serializedBytes
            }
        }
    }

    @Test("are those of an authority, valid now, and meant for clients; an authority need not be a root")
    func accepts() async throws {
        let root = try Holder("root", isAuthority: true)
        let issuing = try Holder("issuing", from: root, isAuthority: true)
        let stranger = try Holder("root", isAuthority: true)
        let below = try Holder("client", from: issuing, usages: [.clientAuth])
        let cases: [(name: String, authorities: [Holder], shown: [Holder], isAccepted: Bool)] = [
            ("meant for clients", [root], [try Holder("client", from: root, usages: [.clientAuth])], true),
            ("meant for both", [root], [try Holder("client", from: root, usages: [.serverAuth, .clientAuth])], true),
            ("says nothing of what it is meant for", [root], [try Holder("client", from: root)], true),
            ("meant for servers", [root], [try Holder("client", from: root, usages: [.serverAuth])], false),
            ("out of date", [root], [try Holder("client", from: root, usages: [.clientAuth], until: -60)], false),
            ("of another authority of that name", [stranger], [try Holder("client", from: root, usages: [.clientAuth])], false),
            ("of one of two", [stranger, root], [try Holder("client", from: root, usages: [.clientAuth])], true),
            ("below a root, with what lies between", [root], [below, issuing], true),
            ("below a root, without", [root], [below], false),
            ("of an issuing authority whose root is not there", [issuing], [below], true),
            ("by itself", [root], [try Holder("client", usages: [.clientAuth])], false),
            ("nothing", [root], [], false),
        ]
        for (name, authorities, shown, isAccepted) in cases {
            let verifier = try ClientCertificateVerifier(authorities: try authorities.map { try $0.encoded }, name: "CA")
            let result = await verifier.accepts(try shown.map { try $0.encoded })
            #expect(result == isAccepted, "\(name)")
        }
        let verifier = try ClientCertificateVerifier(authorities: [try root.encoded], name: "CA")
        let isRubbishAccepted = await verifier.accepts([[1, 2, 3]])
        #expect(!isRubbishAccepted)
    }
}
