// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import RATLS
import X509

/// `sealwright tls show`: what a set is fit for, and when it ends.
struct TLSShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Tell what a set of TLS material is fit for, what is wrong with it, and when it ends.",
        discussion: """
            Ends with status 78 when something has to be mended.

            EXAMPLE
              sealwright tls show ssl_configure
              sealwright tls show ssl_configure --json
            """)

    @Argument(help: ArgumentHelp("The folder that `tls issue` made.", valueName: "folder"))
    var folder = "ssl_configure"

    @Flag(help: "Print JSON.")
    var json = false

    private struct Shown: Encodable {
        let mutual: Bool
        let endsAt: Date
        let daysLeft: Int
        let certificates: [String: CertificateFacts]
        let findings: [CertificateSet.Finding]
    }

    func run() throws {
        let now = Date()
        let set = try CertificateSet(folder: self.folder)
        let end = set.members.map(\.certificate.notValidAfter).min() ?? now
        let shown = Shown(
            mutual: set.client != nil, endsAt: end, daysLeft: Int((end.timeIntervalSince(now) / 86400).rounded(.down)),
            certificates: Dictionary(uniqueKeysWithValues: set.members.map { ($0.file, CertificateFacts($0.certificate)) }),
            findings: set.findings(at: now))
        print(self.json ? try JSONText.encode(shown) : Self.text(shown))
        // A certificate that ends soon is worth a word, but the set still works.
        if shown.findings.contains(where: { $0.identifier != "ends-soon" }) { throw ExitCode(78) }
    }

    private static func text(_ shown: Shown) -> String {
        var lines = [
            "fit for: \(shown.mutual ? "mutual TLS" : "TLS in which the server alone proves itself"), until "
                + "\(shown.endsAt.formatted(.iso8601)) (\(shown.daysLeft) days)"
        ]
        for (file, facts) in shown.certificates.sorted(by: { $0.key < $1.key }) {
            let uses = [(facts.isAuthority, "authority"), (facts.isForServers, "server"), (facts.isForClients, "client")].filter(\.0).map(\.1)
            let names = facts.names.isEmpty ? facts.commonName : facts.names.joined(separator: ", ")
            lines.append("  \(file): \(uses.joined(separator: " and ")), \(names), \(facts.key), until \(facts.notAfter.formatted(.iso8601))")
        }
        for finding in shown.findings { lines.append("  \(finding.message) [\(finding.identifier)]\n    what to do: \(finding.remedy)") }
        return lines.joined(separator: "\n")
    }
}
