// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Logging
import ModelServing
import ServiceLifecycle
import TensorFlowRuntime
import UnixSignals

/// `sealwright serve`: the model server.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve models over TensorFlow Serving's gRPC and REST interfaces.",
        discussion: """
            Takes the flags of tensorflow_model_server, and is it when started under that name. Models are looked for, loaded, exchanged and \
            unloaded while it runs. A sealed model and a sealed ssl.cfg are opened in memory, with the wrap key that the key broker releases to \
            this enclave; nothing is written to disk. With a key only sealed files are served, without one only plain files.

            The ports are open from the start. Prints “ready ADDRESS:PORT” once every model answers; /readyz tells what is still missing, and why. \
            SIGTERM and SIGINT let it finish the requests it has, within --drain-timeout; SIGHUP has configuration files and TLS material read again.

            EXAMPLE
              sealwright serve --model_name guesslang --model_base_path sealed/guesslang --mount-path models/guesslang \\
                --ssl_config_file sealed/ssl.cfg --ssl-mount-path ssl.cfg --broker broker.example:4433 --broker-ca broker-ca.pem
              sealwright serve --model_name half_plus_two --model_base_path /models/half_plus_two --port 8500 --rest_api_port 8501
              sealwright serve --model_config_file models.config --model_config_file_poll_wait_seconds 60 --enable_batching
              sealwright serve --model_config_file models.config --broker broker.example:8443 --broker-ca broker-ca.pem \\
                --ssl_config_file sealed/ssl.cfg --secret tls-key --model-secret resnet50=resnet-key --model-secret guesslang=guesslang-key
            """)

    @OptionGroup(title: "Models")
    var models: ModelFlags

    @OptionGroup(title: "Listening")
    var listening: ListeningFlags

    @OptionGroup(title: "Batching")
    var batching: BatchingFlags

    @OptionGroup(title: "Sealed models")
    var sealedModels: SealedModelFlags

    @OptionGroup(title: "Key of sealed files")
    var keyOptions: KeyOptions

    @OptionGroup(title: "TensorFlow")
    var sessionOptions: TensorFlowOptions

    @Option(name: .customLong("version"), help: .hidden)
    var version = false

    func run() async throws {
        if self.version { return try self.printVersion() }
        let start = try ServerStart(try self.options()) { StandardError.write("\($0)\n") }
        let announcement = ReadyAnnouncement()
        try await self.run(start.makeService(announcement.events))
    }

    private func options() throws -> ServingOptions {
        var options = ServingOptions(try self.models.models())
        try self.models.apply(to: &options)
        try self.listening.apply(to: &options)
        self.batching.apply(to: &options)
        try self.sealedModels.apply(to: &options)
        let keys = try self.keyOptions.keySources()
        options.keySource = keys.shared
        options.modelKeySources = keys.models
        options.session = try self.sessionOptions.session()
        try EnclaveThreadLimit.check(options.session)
        options.sessionConfigurationFile = self.sessionOptions.configFile
        options.tensorFlowLibrary = self.sessionOptions.tensorFlowLibrary
        return options
    }

    /// In the form of tensorflow_model_server.
    private func printVersion() throws {
        let library = try TensorFlowLibrary.load(path: self.sessionOptions.tensorFlowLibrary)
        print("TensorFlow ModelServer: sealwright \(Sealwright.version)\nTensorFlow Library: \(library.version)")
    }

    private func run(_ service: ServingService) async throws {
        var configuration = ServiceGroupConfiguration(
            services: [
                .init(service: HangUpService(action: service.reload)),
                .init(service: service, successTerminationBehavior: .gracefullyShutdownGroup),
            ], gracefulShutdownSignals: [.sigterm, .sigint], logger: Logger(label: "serve", factory: { _ in SwiftLogNoOpLogHandler() }))
        configuration.maximumGracefulShutdownDuration = .seconds(self.listening.drainTimeout)
        try await ServiceGroup(configuration: configuration).run()
    }
}

/// Has files read again at each SIGHUP, which would otherwise end the process.
private struct HangUpService: Service {
    let action: @Sendable () -> Void

    func run() async throws {
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() { self.action() }
    }
}
