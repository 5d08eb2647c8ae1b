// SPDX-License-Identifier: Apache-2.0

import TensorFlowProtos

/// One model that is to be served: its name, where its versions lie, and which of them are wanted.
package struct ServedModel: Hashable, Sendable {
    /// The name under which clients ask for it.
    package var name: String
    /// The folder that holds its versions.
    package var basePath: String
    package var policy = VersionPolicy.standard
    /// Labels with the versions that they stand for.
    package var labels: [String: Int64] = [:]
    /// The part of its requests that is logged, 0 to 1; `nil` for the server's own setting.
    package var requestLogRate: Double?

    package init(name: String, basePath: String) {
        self.name = name
        self.basePath = basePath
    }
}

extension ServedModel {
    private static let platform = "tensorflow"

    /// Checks one entry of a configuration, in TensorFlow Serving's words.
    init(_ config: Tensorflow_Serving_ModelConfig) throws(RequestError) {
        try Self.checkPlatform(config)
        let localPath = try Self.localPath(config.basePath, of: config.name)
        guard localPath.hasPrefix("/") else {
            throw RequestError(
                .invalidArgument, "Expected model \(config.name) to have an absolute path or URI; got base_path()=\(config.basePath)")
        }
        self.init(name: config.name, basePath: localPath)
        self.policy = VersionPolicy(config.modelVersionPolicy)
        self.labels = config.versionLabels
        guard config.hasLoggingConfig else { return }
        let rate = config.loggingConfig.samplingConfig.samplingRate
        guard (0...1).contains(rate) else {
            throw RequestError(.invalidArgument, "model \(config.name): sampling_rate is \(rate), not between 0 and 1")
        }
        self.requestLogRate = rate
    }

    /// The path of a folder of this machine, which TensorFlow's file systems also take as a URI (RFC 8089, nothing in it encoded).
    ///
    /// - Throws: `UNIMPLEMENTED` for a place elsewhere.
    static func localPath(_ basePath: String, of name: String) throws(RequestError) -> String {
        guard !basePath.hasPrefix("/"), let separator = basePath.firstRange(of: "://") else { return basePath }
        let rest = basePath[separator.upperBound...]
        // Upstream reads object stores through TensorFlow's file systems, which would hand a model to a network we do not control.
        guard basePath[..<separator.lowerBound] == "file", rest.hasPrefix("/") else {
            throw RequestError(.unimplemented, "model \(name): \(basePath) is no folder of this machine, which is all that is served from")
        }
        return String(rest)
    }

    private static func checkPlatform(_ config: Tensorflow_Serving_ModelConfig) throws(RequestError) {
        let hasType = config.modelType != .unspecified
        guard hasType || !config.modelPlatform.isEmpty else {
            throw RequestError(
                .invalidArgument,
                "Illegal setting neither ModelServerConfig::model_type (deprecated) nor ModelServerConfig::model_platform, "
                    + "model name is \(config.name)")
        }
        guard !hasType || config.modelPlatform.isEmpty else {
            throw RequestError(
                .invalidArgument,
                "Illegal setting both ModelServerConfig::model_type (deprecated) and ModelServerConfig::model_platform, "
                    + "model name is \(config.name)")
        }
        guard config.modelType == .tensorflow || config.modelPlatform == Self.platform else {
            let platform = hasType ? "of type \(config.modelType.rawValue)" : config.modelPlatform
            throw RequestError(.invalidArgument, "Model \(config.name) requests unsupported platform \(platform)")
        }
    }
}
