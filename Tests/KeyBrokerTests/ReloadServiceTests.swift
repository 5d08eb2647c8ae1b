// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Foundation
import KeyBroker
import Logging
import RATLS
import TestSupport
import Testing

@Suite("A reload")
struct ReloadServiceTests {
    /// Files that a broker reads again, and what it says about it.
    private struct Site {
        let folder: ScratchFolder
        let store: BrokerStore
        let log = LogRecorder()
        let metrics = BrokerMetrics()

        static let policy =
            "version: 1\nsecrets: [{ name: k, production: false }]\nrules: [{ secret: k, sgx: { mr_enclave: [\(String(repeating: "e1", count: 32))] } }]\n"

        init() throws {
            self.folder = try ScratchFolder()
            self.store = try RunningBroker.store(in: self.folder)
            let secret = RunningBroker.secret
            try self.store.secrets.put("k", secret.span, at: Date())
            try self.folder.write(Array(Self.policy.utf8), to: "policy.yaml")
            try self.issue(at: Date())
        }

        /// Issues a certificate for two days.
        func issue(at time: Date) throws {
            let authority = try CertificateAuthority(named: "Test CA", keyType: .p256, now: time)
            let issued = try authority.issue(to: [CertificateName("localhost")], role: .server, keyType: .p256, days: 2, now: time)
            try self.folder.write(Array(issued.certificatePEM().utf8), to: "cert.pem")
            try self.folder.write(Array(issued.privateKeyPEM().utf8), to: "key.pem")
        }

        func identity() throws -> ActiveIdentity {
            try ActiveIdentity(files: .init(certificate: self.folder.file("cert.pem"), privateKey: self.folder.file("key.pem")))
        }

        func service() throws -> ReloadService {
            let policy = try ActivePolicy(try Policy(contentsOfFile: self.folder.file("policy.yaml")), vault: self.store.secrets)
            return ReloadService(
                policy: policy, identity: try self.identity(), audit: self.store.audit, metrics: self.metrics, logger: self.log.logger)
        }
    }

    @Test("refuses a TLS key that others may read, keeps the old one, and says what to do")
    func looseKey() async throws {
        let site = try Site()
        let service = try site.service()
        let key = site.folder.file("key.pem")
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: key)
        await service.reload()
        let line = try #require(site.log.lines("the certificate was not loaded").first)
        #expect(line.metadata["code"] == "loose-permissions")
        #expect(line.metadata["remedy"]?.contains("chmod 600 \(key)") == true)
        #expect(line.metadata["error"]?.contains("KeyBrokerError") == false)
        #expect(site.metrics.text(at: Date()).contains(#"reloads_total{what="certificate",result="refused"} 1"#))
        let error = #expect(throws: KeyBrokerError.self) { try site.identity() }
        #expect(error?.code == .loosePermissions)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key)
        await service.reload()
        #expect(site.log.lines("certificate loaded").count == 1)
    }

    @Test(
        "takes a certificate that has expired, or is not valid yet, with a warning",
        arguments: [(-10.0, "has expired"), (10.0, "is not valid before")])
    func expired(days: Double, words: String) async throws {
        let site = try Site()
        let service = try site.service()
        await service.reload()
        #expect(site.log.lines("the broker's certificate").isEmpty)
        try site.issue(at: Date().addingTimeInterval(days * 86400))
        await service.reload()
        #expect(site.log.lines("certificate loaded").count == 2)
        let line = try #require(site.log.lines("the broker's certificate").first)
        #expect(line.level == "warning" && line.message.contains(words) && line.metadata["remedy"]?.isEmpty == false)
    }

    @Test("of a policy that names a secret which the store has not warns of it")
    func missingSecret() async throws {
        let site = try Site()
        let service = try site.service()
        await service.reload()
        #expect(site.log.lines("the policy names the secret").isEmpty)
        let other = Site.policy.replacing("secrets: [", with: "secrets: [{ name: other }, ") + "# other\n"
        try site.folder.write(Array(other.utf8), to: "policy.yaml")
        await service.reload()
        let line = try #require(site.log.lines("the policy names the secret `other`").first)
        #expect(line.level == "warning" && line.metadata["remedy"]?.contains("secrets put other") == true)
        #expect(site.log.lines("the policy names the secret").count == 1)
        try site.store.secrets.revoke("k", version: nil, at: Date())
        await service.reload()
        #expect(site.log.lines("the policy names the secret `k`").count == 1)
    }
}
