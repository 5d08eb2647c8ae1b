// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import RATLS
import X509

/// `sealwright tls renew`: new certificates and keys for the names of a set, by the same authority.
struct TLSRenewCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "renew",
        abstract: "Issue a set anew: the same names and authority, new keys, a new end.",
        discussion: """
            Peers that trust the authority take the new certificates without a change. The folder is replaced as a whole; ssl.cfg has to be sealed again.

            EXAMPLE
              sealwright tls renew ssl_configure
              sealwright tls renew tls --ca-key offline/ca_key.pem --days 90
            """)

    @Argument(help: ArgumentHelp("The folder that `tls issue` made.", valueName: "folder"))
    var folder = "ssl_configure"

    @Option(name: .customLong("ca-key"), help: ArgumentHelp("The authority's key, where it is kept apart.", valueName: "file"))
    var authorityKey: String?

    @Option(help: "For how many days the new certificates are valid.")
    var days = 365

    @Option(help: "The kind of the new keys (default: that of the old ones).")
    var keyType: String?

    @Option(help: "Write a new folder and leave the old one.")
    var output: String?

    func run() async throws {
        let now = Date()
        let folder = self.folder.count > 1 && self.folder.hasSuffix("/") ? String(self.folder.dropLast()) : self.folder
        let set = try CertificateSet(folder: folder)
        let keyPath = self.authorityKey ?? "\(folder)/ca_key.pem"
        let authority = try CertificateAuthority(certificatePath: "\(folder)/ca_cert.pem", keyPath: keyPath, now: now)
        let server = try self.renew(set.server.certificate, .server, authority, now)
        let client = try set.client.map { try self.renew($0.certificate, .client, authority, now) }
        let output = self.output ?? folder
        try TLSMaterial(
            authority: authority.identity, server: server, client: client, authorityKeyPath: self.authorityKey == nil ? "\(output)/ca_key.pem" : nil
        ).write(to: output, replacing: self.output == nil)
        print(
            "\(output): certificates for \(CertificateFacts(server.certificate).names.joined(separator: ", ")), valid until "
                + "\(server.certificate.notValidAfter.formatted(.iso8601))")
    }

    private func renew(
        _ certificate: Certificate, _ role: CertificateAuthority.Role, _ authority: CertificateAuthority, _ now: Date
    ) throws -> IssuedCertificate {
        let facts = CertificateFacts(certificate)
        let names = try (facts.names.isEmpty ? [facts.commonName] : facts.names).map { try CertificateName($0) }
        let name = self.keyType ?? String(facts.key.prefix { $0 != " " })
        guard let keyType = CertificateKeyType(name: name) else {
            throw CommandFailure(
                "unknown-key-type", "“\(name)” is no kind of key that is issued here",
                remedy: "choose one of \(CertificateKeyType.names.joined(separator: ", ")) with --key-type")
        }
        return try authority.issue(to: names, role: role, keyType: keyType, days: self.days, now: now)
    }
}
