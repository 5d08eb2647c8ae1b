// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ModelServing
import ProtectedFiles

/// What sealed models must be.
struct SealedModelFlags: ParsableArguments {
    @Option(
        name: .customLong("mount-path"),
        help: ArgumentHelp("The path the single model's folder was sealed for (default: --model_base_path).", valueName: "path"))
    var mountPath: String?

    @Option(
        name: .customLong("ssl-mount-path"),
        help: ArgumentHelp("The path ssl.cfg was sealed for (default: --ssl_config_file).", valueName: "path"))
    var sslMountPath: String?

    @Option(
        name: .customLong("manifest-digest"),
        help: ArgumentHelp("Serve only sealed models in this state, as 'sealwright seal' told it; repeat for more.", valueName: "hex"),
        transform: ManifestDigest.init(argument:))
    var manifestDigests: [ManifestDigest] = []

    @Flag(help: "INSECURE: serve a sealed model without TLS. For development.")
    var allowPlaintext = false

    func apply(to options: inout ServingOptions) throws {
        if case .listed = options.models, self.mountPath != nil {
            throw CommandFailure(
                "conflicting-options", "--mount-path is the path that one model was sealed for, and --model_config_file may list several",
                remedy: "leave --mount-path out: models of the list must have been sealed for their base_path")
        }
        options.mountPath = self.mountPath
        options.sslMountPath = self.sslMountPath
        options.allowsPlaintext = self.allowPlaintext
        options.manifests = Set(self.manifestDigests)
    }
}
