// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ByteCoding
import Foundation
import RATLS
import X509

/// `sealwright tls issue`: a certificate authority, a server and a client certificate, and `ssl.cfg`.
struct TLSIssueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "issue",
        abstract: "Issue an authority, a server and a client certificate, and TensorFlow Serving's ssl.cfg.",
        discussion: """
            Writes a folder: ca_cert.pem, ca_key.pem, server/{cert,key}.pem, client/{cert,key}.pem and ssl.cfg. Keys have mode 0600. \
            The authority's key (ca_key.pem) is only needed to issue more certificates: keep it away from both machines, or have it written elsewhere \
            with --ca-key-output. With --ca-certificate and --ca-key an authority that exists issues, and its key is not copied.

            EXAMPLE
              sealwright tls issue --server grpc.tf-serving.service.com --client client.tf-serving.service.com
              sealwright tls issue --server models.example --server 10.0.0.7 --one-way --key-type p384 --ca-key-output offline/ca_key.pem --output tls
              sealwright tls issue --server other.example --client app --ca-certificate tls/ca_cert.pem --ca-key offline/ca_key.pem --output other
            """)

    @Option(name: .customLong("server"), help: "A DNS name or address of the server; repeat for more. The first is the common name.")
    var serverNames: [String]

    @Option(name: .customLong("client"), help: "A name of the client; repeat for more.")
    var clientNames: [String] = []

    @Flag(help: "Let only the server prove itself: no client certificate, and none is asked for.")
    var oneWay = false

    @Option(help: "The folder to write.")
    var output = "ssl_configure"

    @Option(help: "The kind of all keys: \(CertificateKeyType.names.joined(separator: ", ")).")
    var keyType = "p256"

    @Option(help: "For how many days the server's and the client's certificates are valid.")
    var days = 365

    @Option(name: .customLong("ca-certificate"), help: ArgumentHelp("The certificate of an authority that exists.", valueName: "file"))
    var authorityCertificate: String?

    @Option(name: .customLong("ca-key"), help: ArgumentHelp("The key of an authority that exists.", valueName: "file"))
    var authorityKey: String?

    @Option(name: .customLong("ca-key-output"), help: ArgumentHelp("Where to write the new authority's key, apart from the rest.", valueName: "file"))
    var authorityKeyOutput: String?

    @Flag(help: "Replace an existing folder.")
    var force = false

    func validate() throws {
        guard (self.authorityCertificate == nil) == (self.authorityKey == nil) else {
            throw ValidationError("An authority that exists needs both --ca-certificate and --ca-key.")
        }
        guard self.authorityCertificate == nil || self.authorityKeyOutput == nil else {
            throw ValidationError("--ca-key-output is for a new authority; the one that exists has its key.")
        }
        guard self.oneWay == self.clientNames.isEmpty else {
            throw ValidationError(self.oneWay ? "--one-way has no client." : "Missing expected argument '--client <client>' (or --one-way).")
        }
    }

    func run() async throws {
        guard let keyType = CertificateKeyType(name: self.keyType) else {
            throw CommandFailure(
                "unknown-key-type", "unknown key type “\(self.keyType)”",
                remedy: "choose one of \(CertificateKeyType.names.joined(separator: ", "))")
        }
        let now = Date()
        let servers = try self.serverNames.map { try CertificateName($0) }
        let clients = try self.clientNames.map { try CertificateName($0) }
        let authority = try self.authority(keyType, for: servers[0].text, now)
        let server = try authority.issue(to: servers, role: .server, keyType: keyType, days: self.days, now: now)
        let client = self.oneWay ? nil : try authority.issue(to: clients, role: .client, keyType: keyType, days: self.days, now: now)
        let keyPath = self.authorityCertificate == nil ? self.authorityKeyOutput ?? "\(self.output)/ca_key.pem" : nil
        try TLSMaterial(authority: authority.identity, server: server, client: client, authorityKeyPath: keyPath)
            .write(to: self.output, replacing: self.force)
        let names = (servers + clients.prefix(1)).map(\.text).joined(separator: ", ")
        print("\(self.output): certificates for \(names), valid until \(server.certificate.notValidAfter.formatted(.iso8601))")
        if let keyPath { print("the authority's key is \(keyPath): keep it away from both machines") }
    }

    private func authority(_ keyType: CertificateKeyType, for name: String, _ now: Date) throws -> CertificateAuthority {
        if let certificate = self.authorityCertificate, let key = self.authorityKey {
            return try CertificateAuthority(certificatePath: certificate, keyPath: key, now: now)
        }
        return try CertificateAuthority(named: "Sealwright private CA for \(name)", keyType: keyType, now: now)
    }
}
