// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `sealwright doctor`: whether something is fit for its role, and what to do if not.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look at a Gramine manifest, or at how large an enclave has to be.",
        discussion: """
            --manifest names what is wrong with a manifest or its template, under the release of Gramine that will run it. --enclave computes the \
            enclave's size and number of threads for a model, and the lines for the manifest. Ends with 0, or 78 if an error was found.

            EXAMPLE:
              sealwright doctor --manifest serve.manifest.template --gramine-version 1.9 --image-root /
              sealwright doctor --enclave --model sealed/resnet50
            """)

    @OptionGroup(title: "A manifest")
    var manifestOptions: DoctorManifestOptions

    @OptionGroup(title: "An enclave")
    var enclaveOptions: DoctorEnclaveOptions

    @Option(help: ArgumentHelp("The model, plain or sealed: a version's folder, or a model's folder with versions.", valueName: "dir"))
    var model: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        switch (self.manifestOptions.manifest, self.enclaveOptions.enclave) {
        case (let file?, false): try self.manifestOptions.run(file, json: self.json)
        case (nil, true): try self.enclaveOptions.run(model: self.model, json: self.json)
        default:
            throw CommandFailure("doctor-what", "one of --manifest and --enclave has to be given", remedy: "sealwright doctor --help")
        }
    }
}
