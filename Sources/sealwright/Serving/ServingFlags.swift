// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import ModelServing

/// The flags of `tensorflow_model_server` that say which models are served, and when they are looked for.
struct ModelFlags: ParsableArguments {
    @Option(name: .customLong("model_name"), help: "The name under which clients ask for the single model.")
    var modelName = "default"

    @Option(name: .customLong("model_base_path"), help: ArgumentHelp("The folder that holds the single model's versions.", valueName: "dir"))
    var modelBasePath = ""

    @Option(
        name: .customLong("model_config_file"),
        help: ArgumentHelp("Several models: a ModelServerConfig in protobuf's text format; read again at SIGHUP.", valueName: "file"))
    var modelConfigFile = ""

    @Option(
        name: .customLong("model_config_file_poll_wait_seconds"),
        help: ArgumentHelp("How often that file is read again; 0 for never.", valueName: "s"))
    var modelConfigFilePollWaitSeconds = 0

    @Option(
        name: .customLong("file_system_poll_wait_seconds"), parsing: .unconditional,
        help: ArgumentHelp("How often the models' folders are looked at; 0 for once, negative for never.", valueName: "s"))
    var fileSystemPollWaitSeconds = 1

    @Option(name: .customLong("saved_model_tags"), help: ArgumentHelp("The tags of the meta graph, separated by commas.", valueName: "tags"))
    var savedModelTags = "serve"

    @Option(name: .customLong("max_num_load_retries"), help: ArgumentHelp("How often a failed load is tried again.", valueName: "n"))
    var maxNumLoadRetries = 5

    @Option(
        name: .customLong("load_retry_interval_micros"), parsing: .unconditional,
        help: ArgumentHelp("The time between two tries; negative for none.", valueName: "us"))
    var loadRetryIntervalMicros: Int64 = 60_000_000

    @Option(name: .customLong("num_load_threads"), help: ArgumentHelp("How many versions are loaded at once after the start.", valueName: "n"))
    var numLoadThreads = 0

    @Option(
        name: .customLong("allow_version_labels_for_unavailable_models"),
        help: ArgumentHelp("Whether a new label may stand for a version that is not available yet.", valueName: "bool"))
    var allowVersionLabelsForUnavailableModels = false

    @Option(
        name: .customLong("enable_model_warmup"), help: ArgumentHelp("Whether versions run the warm-up requests they bring along.", valueName: "bool")
    )
    var enableModelWarmup = true

    @Option(
        name: .customLong("num_request_iterations_for_warmup"),
        help: ArgumentHelp("How often each warm-up request is run; 0 for once.", valueName: "n"))
    var numRequestIterationsForWarmup = 0

    @Option(
        name: .customLong("flush_filesystem_caches"),
        help: ArgumentHelp("Whether the system's copies of model files are dropped after a load.", valueName: "bool"))
    var flushFilesystemCaches = true

    @Flag(
        name: .customLong("exit-on-failure"),
        help: "End when a model cannot be loaded at the start or its key is not to be had, instead of telling so and trying again.")
    var exitOnFailure = false

    /// Which models are meant.
    func models() throws -> ServingOptions.Models {
        if !self.modelConfigFile.isEmpty { return .listed(file: self.modelConfigFile) }
        guard !self.modelBasePath.isEmpty else {
            throw CommandFailure(
                "no-model", "Both server_options.model_base_path and server_options.model_config_file are empty!",
                remedy: "give --model_base_path DIR for one model, or --model_config_file FILE for several")
        }
        return .single(name: self.modelName, basePath: self.modelBasePath)
    }

    func apply(to options: inout ServingOptions) throws {
        options.filePollInterval = .seconds(self.fileSystemPollWaitSeconds)
        options.configurationPollInterval = .seconds(self.modelConfigFilePollWaitSeconds)
        options.tags = Set(self.savedModelTags.split(separator: ",").map(String.init))
        options.loadRetries = self.maxNumLoadRetries
        options.loadRetryInterval = .microseconds(max(0, self.loadRetryIntervalMicros))
        options.loadThreads = self.numLoadThreads
        options.allowsLabelsForUnavailable = self.allowVersionLabelsForUnavailableModels
        options.warmUpIterations = self.enableModelWarmup ? max(1, self.numRequestIterationsForWarmup) : nil
        options.flushesFileCaches = self.flushFilesystemCaches
        options.endsOnFailure = self.exitOnFailure
    }
}

/// The flags of `tensorflow_model_server` that say where and how the server listens.
struct ListeningFlags: ParsableArguments {
    @Option(help: "The port of gRPC; 0 for none where there is a socket, else for one that the system chooses.")
    var port: UInt16 = UInt16(ModelServer.Configuration.defaultPort)

    @Option(help: "The address to listen on; :: for every one, IPv6 and IPv4.")
    var address = "0.0.0.0"

    @Option(name: .customLong("grpc_socket_path"), help: ArgumentHelp("A UNIX socket for gRPC.", valueName: "path"))
    var grpcSocketPath = ""

    @Option(name: .customLong("rest_api_port"), help: "The port of the REST API; 0 for none.")
    var restAPIPort: UInt16 = 0

    @Option(
        name: .customLong("rest_api_timeout_in_ms"), parsing: .unconditional,
        help: ArgumentHelp("How long a REST request may run; not positive for as long as it takes.", valueName: "ms"))
    var restAPITimeout = 30_000

    @Option(name: .customLong("rest_api_enable_cors_support"), help: ArgumentHelp("Whether any web site's scripts may use REST.", valueName: "bool"))
    var restAPIEnableCORSSupport = false

    @Option(name: .customLong("ssl_config_file"), help: ArgumentHelp("TLS material: an SSLConfig in protobuf's text format.", valueName: "file"))
    var sslConfigFile = ""

    @Option(name: .customLong("use_alts_credentials"), help: .hidden)
    var useALTSCredentials = false

    @Option(
        name: .customLong("grpc_channel_arguments"),
        help: ArgumentHelp("How long gRPC's connections live: grpc.max_connection_age_ms=600000 and the like.", valueName: "name=value,..."))
    var grpcChannelArguments = ""

    @Option(name: .customLong("enable_grpc_healthcheck_service"), help: ArgumentHelp("grpc.health.v1 is always offered.", valueName: "bool"))
    var enableGRPCHealthcheckService = false

    @Option(
        name: .customLong("enable_signature_method_name_check"),
        help: ArgumentHelp("Whether a signature must have been made for the call.", valueName: "bool"))
    var enableSignatureMethodNameCheck = false

    @Option(
        name: .customLong("enable_serialization_as_tensor_content"),
        help: ArgumentHelp("Whether outputs are written to tensor_content.", valueName: "bool"))
    var enableSerializationAsTensorContent = false

    @Option(name: .customLong("monitoring_config_file"), help: ArgumentHelp("Turns Prometheus's metrics on: a MonitoringConfig.", valueName: "file"))
    var monitoringConfigFile = ""

    @Option(
        name: .customLong("health-port"),
        help: ArgumentHelp("A port for /healthz, /readyz and metrics alone, without TLS, open from the start.", valueName: "port"))
    var healthPort: UInt16?

    @Option(name: .customLong("request-log-sampling"), help: ArgumentHelp("The part of the requests that is logged, 0 to 1.", valueName: "part"))
    var requestLogSampling = 0.0

    @Option(
        name: .customLong("max-pending-requests"),
        help: ArgumentHelp("How many requests may be under way at once in the whole server; 0 for any number.", valueName: "n"))
    var maxPendingRequests = 1024

    @Option(
        name: .customLong("drain-timeout"),
        help: ArgumentHelp("Time for requests under way to finish after SIGTERM or SIGINT; what then still runs is cut off.", valueName: "seconds"))
    var drainTimeout: UInt16 = 20

    @Option(
        name: .customLong("max-message-bytes"),
        help: ArgumentHelp("The largest request in bytes; 0 for TensorFlow Serving's 2^31 - 1.", valueName: "n"))
    var maxMessageBytes = 0

    func apply(to options: inout ServingOptions) throws {
        guard !self.useALTSCredentials else {
            throw CommandFailure("alts", "ALTS is Google Cloud's own and not offered here", remedy: "use --ssl_config_file")
        }
        guard (0...1).contains(self.requestLogSampling) else {
            throw CommandFailure("bad-sampling", "--request-log-sampling is \(self.requestLogSampling), not between 0 and 1")
        }
        options.listening.address = self.address
        options.listening.port = Int(self.port)
        options.listening.socketPath = self.grpcSocketPath.isEmpty ? nil : self.grpcSocketPath
        options.listening.isSocketOnly = self.port == 0 && !self.grpcSocketPath.isEmpty
        options.listening.restPort = self.restPort()
        options.listening.restTimeout = self.restAPITimeout > 0 ? .milliseconds(self.restAPITimeout) : nil
        options.listening.allowsCrossOrigin = self.restAPIEnableCORSSupport
        options.listening.channelArguments = try self.channelArguments()
        options.listening.checksMethodNames = self.enableSignatureMethodNameCheck
        options.listening.writesTensorContent = self.enableSerializationAsTensorContent
        if (1..<ModelServer.Configuration.unlimitedMessage).contains(self.maxMessageBytes) {
            options.listening.maximumMessageSize = self.maxMessageBytes
        }
        options.sslConfigurationFile = self.sslConfigFile.isEmpty ? nil : self.sslConfigFile
        options.monitoringFile = self.monitoringConfigFile.isEmpty ? nil : self.monitoringConfigFile
        options.healthPort = self.healthPort.map(Int.init)
        options.requestLogRate = self.requestLogSampling
        options.maximumPendingRequests = max(0, self.maxPendingRequests)
    }

    /// As upstream does with a REST port that is gRPC's: it is left out.
    private func restPort() -> Int? {
        guard self.restAPIPort != 0 else { return nil }
        guard self.restAPIPort != self.port else {
            StandardError.write("WARNING: REST is not offered: --rest_api_port is gRPC's, \(self.port); give another one\n")
            return nil
        }
        return Int(self.restAPIPort)
    }

    private func channelArguments() throws -> ChannelArguments {
        let arguments = try ChannelArguments(self.grpcChannelArguments)
        if !arguments.unknown.isEmpty {
            StandardError.write(
                "WARNING: --grpc_channel_arguments: \(arguments.unknown.joined(separator: ", ")) has no effect; those that have are "
                    + "\(ChannelArguments.known.joined(separator: ", ")), and --max-message-bytes for the largest message\n")
        }
        return arguments
    }
}

/// The flags of `tensorflow_model_server` for batches.
struct BatchingFlags: ParsableArguments {
    @Option(name: .customLong("enable_batching"), help: ArgumentHelp("Whether requests are put together into batches.", valueName: "bool"))
    var enableBatching = false

    @Option(
        name: .customLong("batching_parameters_file"),
        help: ArgumentHelp("A BatchingParameters in protobuf's text format.", valueName: "file"))
    var batchingParametersFile = ""

    @Option(
        name: .customLong("enable_per_model_batching_parameters"),
        help: ArgumentHelp("Whether each version brings batching_params.pbtxt along, and is not batched without.", valueName: "bool"))
    var enablePerModelBatchingParameters = false

    func apply(to options: inout ServingOptions) {
        options.enablesBatching = self.enableBatching
        options.batchingFile = self.batchingParametersFile.isEmpty ? nil : self.batchingParametersFile
        options.usesBatchingPerModel = self.enablePerModelBatchingParameters
    }
}
