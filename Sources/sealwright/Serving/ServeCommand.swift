// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ByteCoding
import Foundation
import Logging
import ModelServing
import ProtectedFiles
import SecretProvisioning
import ServiceLifecycle
import TensorFlowRuntime
import UnixSignals

/// `sealwright serve`: the model server.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve a model over TensorFlow Serving's gRPC interface.",
        discussion: """
            Loads the highest version in --model_base_path and answers Predict, GetModelMetadata and GetModelStatus. A sealed model and a sealed \
            ssl.cfg are opened in memory, with the wrap key that the key broker releases to this enclave; nothing is written to disk. Whether files \
            are sealed is told by their content: plain ones are served only when no key is asked for, and never beside sealed ones.

            Prints “ready ADDRESS:PORT” when it answers. SIGTERM and SIGINT let it finish the requests it has. Options with underscores are those of \
            tensorflow_model_server.

            EXAMPLE
              sealwright serve --model_name guesslang --model_base_path sealed/guesslang --mount-path models/guesslang \\
                --ssl_config_file sealed/ssl.cfg --ssl-mount-path ssl.cfg --broker broker.example:4433 --broker-ca broker-ca.pem
              sealwright serve --model_name half_plus_two --model_base_path /models/half_plus_two --port 8500
            """)

    @Option(name: .customLong("model_name"), help: "The name under which clients ask for the model.")
    var modelName = "default"

    @Option(name: .customLong("model_base_path"), help: ArgumentHelp("The folder that holds the model's versions.", valueName: "dir"))
    var modelBasePath: String

    @Option(name: .customLong("port"), help: "The port to listen on; 0 lets the system choose.")
    var port: UInt16 = UInt16(ModelServer.Configuration.defaultPort)

    @Option(help: "The address to listen on.")
    var address = "0.0.0.0"

    @Option(
        name: .customLong("ssl_config_file"),
        help: ArgumentHelp(
            "TLS material in TensorFlow Serving's text format. Without it plain models travel unencrypted, and sealed ones are not served.",
            valueName: "file"))
    var sslConfigFile: String?

    @Option(
        name: .customLong("mount-path"),
        help: ArgumentHelp("The path the model's folder was sealed for (default: --model_base_path).", valueName: "path"))
    var mountPath: String?

    @Option(
        name: .customLong("manifest-digest"),
        help: ArgumentHelp(
            "Serve only the very model whose manifest has this digest, which sealwright seal prints; older and mixed files are refused.",
            valueName: "digest"),
        transform: ManifestDigest.init(argument:))
    var manifestDigest: ManifestDigest?

    @Option(
        name: .customLong("ssl-mount-path"),
        help: ArgumentHelp("The path ssl.cfg was sealed for (default: --ssl_config_file).", valueName: "path"))
    var sslMountPath: String?

    @Flag(help: "INSECURE: serve a sealed model without TLS. For development.")
    var allowPlaintext = false

    @OptionGroup(title: "Key of sealed files")
    var keyOptions: KeyOptions

    @OptionGroup(title: "TensorFlow")
    var sessionOptions: TensorFlowOptions

    func run() async throws {
        var options = ServingOptions(modelName: self.modelName, modelBasePath: self.modelBasePath)
        options.mountPath = self.mountPath
        options.manifestDigest = self.manifestDigest
        options.sslConfigurationFile = self.sslConfigFile
        options.sslMountPath = self.sslMountPath
        options.allowsPlaintext = self.allowPlaintext
        options.address = self.address
        options.port = Int(self.port)
        options.keySource = try self.keyOptions.keySource()
        options.session = try self.sessionOptions.session()
        options.tensorFlowLibrary = self.sessionOptions.tensorFlowLibrary
        let start = try ServerStart(options) { StandardError.write("\($0)\n") }
        let server = try await start.makeServer { address, port in
            // Not `print`, which keeps the line in its buffer where standard output is a pipe.
            FileHandle.standardOutput.write(Data("ready \(address):\(port)\n".utf8))
        }
        try await Self.run(server)
    }

    /// How long requests may take to finish after a signal.
    private static let drainTime = Duration.seconds(30)

    private static func run(_ server: ModelServer) async throws {
        var configuration = ServiceGroupConfiguration(
            services: [.init(service: server)], gracefulShutdownSignals: [.sigterm, .sigint],
            logger: Logger(label: "serve", factory: { _ in SwiftLogNoOpLogHandler() }))
        configuration.maximumGracefulShutdownDuration = Self.drainTime
        try await ServiceGroup(configuration: configuration).run()
    }
}
