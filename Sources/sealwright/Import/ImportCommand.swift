// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `sealwright import`: a way over from other deployments.
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Take over an existing deployment.", subcommands: [ImportCCZooCommand.self])
}

/// `sealwright import cczoo`: from Confidential Computing Zoo's TensorFlow Serving recipe.
struct ImportCCZooCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cczoo",
        abstract: "Take over a deployment of Confidential Computing Zoo's TensorFlow Serving recipe.",
        discussion: """
            Looks through DIR for ssl.cfg, wrap_key, ra_config.json, sgx_default_qcnl.conf, manifest templates and scripts, and writes a folder: \
            policy.yaml, broker.sh, server.sh, and copies of the wrap key and ssl.cfg with mode 0600. Each unsafe setting is named, with what was \
            written instead.

            EXAMPLE
              sealwright import cczoo tensorflow-serving/docker --output imported
            """)

    @Argument(help: ArgumentHelp("The deployment's folder.", valueName: "dir"))
    var folder: String

    @Option(help: "The folder to write.")
    var output = "imported"

    @Flag(help: "Replace an existing folder.")
    var force = false

    @Flag(help: "Print the findings as JSON.")
    var json = false

    func run() throws {
        let found = try RecipeImport(try RecipeDeployment(folder: self.folder))
        try found.write(to: self.output, replacing: self.force)
        if self.json { return print(try JSONText.encode(found.findings)) }
        for finding in found.findings { print("warning: \(finding.file): \(finding.message) [\(finding.identifier)]\n  instead: \(finding.instead)") }
        print("\(self.output): policy.yaml, broker.sh and server.sh, \(found.findings.count) unsafe settings named above")
    }
}
