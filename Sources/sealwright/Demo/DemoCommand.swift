// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation

/// `sealwright demo`: the whole story on this machine.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Play the whole story on this machine: convert, seal, attest, serve, predict, refuse.",
        discussion: """
            Everything is real but the enclave: attestation is SIMULATED, in software, with a root of trust made for the occasion. \
            Do not give the demo's key or certificates to anybody.

            EXAMPLE
              sealwright demo
              sealwright demo main.py query.sql build.sh
            """)

    @Argument(help: "Three source files whose language the model shall name. Default: three files of this project.")
    var files: [String] = []

    @Option(help: "Folder for everything the demo makes; an earlier demo's is replaced.")
    var workFolder = ".work/demo"

    @Option(help: "Folder in which downloaded models are kept for the next time.")
    var cacheFolder = ".work/cache"

    func run() async throws {
        let sources = try DemoSources(files: self.files)
        try await interruptible {
            try await Demo(workFolder: self.workFolder, cacheFolder: self.cacheFolder, sources: sources).play()
        }
    }
}
