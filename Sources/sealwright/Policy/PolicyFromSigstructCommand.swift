// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Attestation
import ByteCoding
import KeyBroker

/// `sealwright policy from-sigstruct`: the measurements of signed enclaves, and the rule that lets exactly them have a secret.
struct PolicyFromSigstructCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "from-sigstruct",
        abstract: "Show what signed enclaves are, and write the policy rule for them.",
        discussion: """
            Reads the .sig files that `gramine-sgx-sign` writes (SIGSTRUCT) and checks their signatures as the processor does. Prints a YAML \
            fragment: what each file says as comments, then the rules. With two or more files it says where each differs from the one before it.

            The signature proves that one key signed the build. That it is your key, you have to see: compare mr_signer with the one you know. \
            Ends with 0, or 65 for a file that is no SIGSTRUCT or whose signature does not hold; then no rule is written.

            EXAMPLE:
              sealwright policy from-sigstruct serve.sig >rule.yaml
              sealwright policy from-sigstruct old/serve.sig new/serve.sig --json
            """)

    @Argument(help: ArgumentHelp("Files that `gramine-sgx-sign` wrote.", valueName: "file.sig"))
    var files: [String]

    @Option(help: "Name of the secret that the rule releases.")
    var secret = "wrap-key"

    @Option(help: "required, or tls-only for Gramine's own protocol (port 4433).")
    var freshness = Freshness.required

    @Flag(help: "Print one JSON object.")
    var json = false

    enum Freshness: String, ExpressibleByArgument, CaseIterable {
        case required
        case tlsOnly = "tls-only"
    }

    func run() async throws {
        let builds = try self.files.map(SigstructSummary.read(_:))
        let rule = try ReleaseRuleText(
            releasing: self.secret, to: builds.map(\.build), freshness: self.freshness == .required ? .required : .tlsOnly)
        let result = SigstructResult(
            sigstructs: zip(self.files, builds).map { SigstructSummary(file: $0, $1.build, checks: $1.report.checks) },
            differences: zip(builds, builds.dropFirst()).map { $0.build.sigstruct.differences(from: $1.build.sigstruct) },
            rules: rule.description)
        print(self.json ? try JSONText.encode(result) : result.text, terminator: self.json ? "\n" : "")
    }
}
