// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Attestation
import Foundation
import SimulatedTEE

/// Makes a simulated platform.
struct SimulateInitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make a simulated platform in a new folder (INSECURE).",
        discussion: """
            The folder holds keys and certificates of a root CA, a PCK CA, a PCK and TCB signing, and an attestation key. INSECURE: whoever can read \
            it can make quotes of any enclave on this platform.

            EXAMPLE:
              sealwright simulate init --output platform
            """)

    @Option(help: ArgumentHelp("The folder to make.", valueName: "dir"))
    var output: String

    @Flag(help: "Replace a simulated platform that is there already.")
    var force = false

    @Flag(help: "Print the result as JSON.")
    var json = false

    func run() async throws {
        let platform = try SimulatedPlatform.create(at: Date())
        try platform.save(to: self.output, replacing: self.force)
        SimulateCommand.warn("this platform is SIMULATED; its quotes prove nothing. For development and tests only.")
        let result = Result(
            platform: self.output, fmspc: platform.fmspc, rootCertificate: "\(self.output)/root-ca.der",
            rootCertificateSHA256: CertificateFingerprint(of: platform.rootCertificateDER), simulated: true)
        print(try self.json ? result.json : result.text)
    }

    private struct Result: Encodable {
        let platform: String
        let fmspc: FMSPC
        let rootCertificate: String
        let rootCertificateSHA256: CertificateFingerprint
        let simulated: Bool

        var text: String {
            """
            simulated platform (INSECURE): \(self.platform)
            FMSPC: \(self.fmspc)
            root certificate: \(self.rootCertificate)
            root certificate SHA-256: \(self.rootCertificateSHA256)
            """
        }

        var json: String {
            get throws {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
                return String(decoding: try encoder.encode(self), as: UTF8.self)
            }
        }
    }
}
