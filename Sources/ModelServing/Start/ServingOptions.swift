// SPDX-License-Identifier: Apache-2.0

public import ProtectedFiles
public import TensorFlowRuntime

/// What a server is started with.
public struct ServingOptions: Sendable {
    /// Which models are served.
    public enum Models: Hashable, Sendable {
        /// One, under a name, from the folder that holds its versions.
        case single(name: String, basePath: String)
        /// Those that a file lists: TensorFlow Serving's `ModelServerConfig` in protobuf's text format.
        case listed(file: String)
    }

    // MARK: Models

    /// Which models are served.
    public var models: Models
    /// The tags of the meta graph that is loaded.
    public var tags: Set<String> = ["serve"]
    /// The time between two looks at the models' folders; zero for a single look, negative for none.
    public var filePollInterval = Duration.seconds(1)
    /// The time between two readings of the file that lists the models; zero for none but the first.
    public var configurationPollInterval = Duration.zero
    /// How often a failed load is tried again.
    public var loadRetries = 5
    /// The time between two tries.
    public var loadRetryInterval = Duration.seconds(60)
    /// How many versions are loaded at once after the start.
    public var loadThreads = 1
    /// Whether a label may stand for a version that is not available yet.
    public var allowsLabelsForUnavailable = false
    /// How often each warm-up request of a version is run; `nil` to run none.
    public var warmUpIterations: Int? = 1
    /// Whether the system's copies of the models' files are dropped after a load.
    public var flushesFileCaches = true
    /// Whether a model that cannot be loaded at the start, or a key that is not to be had, ends the server instead of being tried again.
    public var endsOnFailure = false

    // MARK: Sealed files

    /// The path that a single model's folder was sealed for; `nil` for its base path as it is given.
    public var mountPath: String?
    /// The manifests that sealed models may have; empty to accept any state that opens under the key.
    public var manifests: Set<ManifestDigest> = []
    /// Where the key for sealed files comes from, of ssl.cfg and of models without one of their own.
    public var keySource: WrapKeySource?
    /// Where the keys of models come from that have one of their own, by the models' names.
    public var modelKeySources: [String: WrapKeySource] = [:]
    /// Whether a sealed model may be served without TLS, its requests and answers readable on the way.
    public var allowsPlaintext = false

    // MARK: Listening

    /// ssl.cfg; `nil` to serve without TLS.
    public var sslConfigurationFile: String?
    /// The path that ssl.cfg was sealed for; `nil` for ``sslConfigurationFile`` as it is given.
    public var sslMountPath: String?
    /// Where and how to listen; its TLS comes from ``sslConfigurationFile``.
    public var listening = ModelServer.Configuration(security: nil)
    /// A port for health and metrics alone, without TLS; 0 for one that the system chooses, `nil` for none.
    public var healthPort: Int?
    /// The file that turns metrics on: TensorFlow Serving's `MonitoringConfig` in protobuf's text format.
    public var monitoringFile: String?
    /// The part of the requests that is logged, 0 to 1.
    public var requestLogRate = 0.0

    // MARK: Computing

    /// How sessions compute.
    public var session = SessionOptions()
    /// TensorFlow's `ConfigProto` in protobuf's text format, on which ``session`` is laid.
    public var sessionConfigurationFile: String?
    /// Whether requests are put together into batches.
    public var enablesBatching = false
    /// TensorFlow Serving's `BatchingParameters` in protobuf's text format.
    public var batchingFile: String?
    /// Whether each version brings its own parameters along, and is not batched without.
    public var usesBatchingPerModel = false
    /// How many requests may be under way at once in the whole server; 0 for any number.
    public var maximumPendingRequests = 1024
    /// TensorFlow's library; `nil` to look where it usually is.
    public var tensorFlowLibrary: String?

    /// Whether there is any key; without one plain files are served, with one sealed files alone.
    var servesSealed: Bool { self.keySource != nil || !self.modelKeySources.isEmpty }

    /// Serves models over plain files until more is set.
    public init(_ models: Models) { self.models = models }

    /// Serves a single model over plain files until more is set.
    public init(modelName: String, modelBasePath: String) { self.init(.single(name: modelName, basePath: modelBasePath)) }
}
