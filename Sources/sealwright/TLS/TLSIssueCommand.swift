// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ByteCoding
import Foundation
import ModelServing
import RATLS
import X509

/// `sealwright tls issue`: a certificate authority, a server and a client certificate, and `ssl.cfg`.
struct TLSIssueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "issue",
        abstract: "Issue an authority, a server and a client certificate, and TensorFlow Serving's ssl.cfg.",
        discussion: """
            Writes a folder: ca_cert.pem, ca_key.pem, server/{cert,key}.pem, client/{cert,key}.pem and ssl.cfg. Keys have mode 0600. \
            The authority's key (ca_key.pem) is only needed to issue more certificates: keep it away from both machines.

            EXAMPLE
              sealwright tls issue --server grpc.tf-serving.service.com --client client.tf-serving.service.com
              sealwright tls issue --server models.example --server 10.0.0.7 --client app --key-type rsa --output tls
            """)

    @Option(name: .customLong("server"), help: "A DNS name or address of the server; repeat for more. The first is the common name.")
    var serverNames: [String]

    @Option(name: .customLong("client"), help: "A name of the client; repeat for more.")
    var clientNames: [String]

    @Option(help: "The folder to write.")
    var output = "ssl_configure"

    @Option(help: "The kind of all three keys: \(CertificateKeyType.names.joined(separator: ", ")).")
    var keyType = "p256"

    @Option(help: "For how many days the server's and the client's certificates are valid.")
    var days = 365

    @Flag(help: "Replace an existing folder.")
    var force = false

    func run() async throws {
        guard let keyType = CertificateKeyType(name: self.keyType) else {
            throw CommandFailure(
                "unknown-key-type", "unknown key type “\(self.keyType)”",
                remedy: "choose one of \(CertificateKeyType.names.joined(separator: ", "))")
        }
        let now = Date()
        let servers = try self.serverNames.map { try CertificateName($0) }
        let clients = try self.clientNames.map { try CertificateName($0) }
        let authority = try CertificateAuthority(named: "Sealwright private CA for \(servers[0].text)", keyType: keyType, now: now)
        let server = try authority.issue(to: servers, role: .server, keyType: keyType, days: self.days, now: now)
        let client = try authority.issue(to: clients, role: .client, keyType: keyType, days: self.days, now: now)
        try self.write(authority: authority.identity, server: server, client: client)
        let names = servers.map(\.text).joined(separator: ", ")
        print("\(self.output): certificates for \(names) and \(clients[0].text), valid until \(server.certificate.notValidAfter.formatted(.iso8601))")
    }

    private func write(authority: IssuedCertificate, server: IssuedCertificate, client: IssuedCertificate) throws {
        let folder = try OutputFolder(path: self.output, permissions: 0o700, replacing: self.force)
        for (name, identity) in [("server", server), ("client", client)] {
            try folder.write(Array(identity.certificatePEM().utf8), to: "\(name)/cert.pem", permissions: 0o644)
            try folder.write(Array(identity.privateKeyPEM().utf8), to: "\(name)/key.pem", permissions: 0o600)
        }
        try folder.write(Array(authority.certificatePEM().utf8), to: "ca_cert.pem", permissions: 0o644)
        try folder.write(Array(authority.privateKeyPEM().utf8), to: "ca_key.pem", permissions: 0o600)
        let configuration = SSLConfiguration(
            serverKey: try server.privateKeyPEM(), serverCertificate: try server.certificatePEM(), customCA: try authority.certificatePEM(),
            clientVerify: true)
        try folder.write(Array(configuration.textFormat.utf8), to: "ssl.cfg", permissions: 0o600)
        try folder.commit()
    }
}
