// SPDX-License-Identifier: Apache-2.0

package import TensorFlowProtos

/// The models that are to be served: TensorFlow Serving's `ModelServerConfig`, checked.
package struct ModelConfiguration: Hashable, Sendable {
    /// The models, in the order in which they were listed.
    package let models: [ServedModel]

    /// Serves a single model.
    package init(_ model: ServedModel) { self.models = [model] }

    /// Serves the model whose name and folder the command line gives.
    ///
    /// - Throws: ``ServingError/Code/badModelConfiguration`` for a folder that is not of this machine.
    init(name: String, basePath: String) throws(ServingError) {
        do {
            self.init(ServedModel(name: name, basePath: try ServedModel.localPath(basePath, of: name)))
        } catch {
            throw ServingError(
                .badModelConfiguration, "--model_base_path: \(error.message)",
                remedy: "copy the model to this machine, and give --model_base_path the folder that holds its versions")
        }
    }

    /// Serves models whose names are known to differ.
    init(checked models: [ServedModel]) { self.models = models }

    /// Checks a configuration.
    ///
    /// - Throws: a ``RequestError`` in TensorFlow Serving's words.
    package init(_ config: Tensorflow_Serving_ModelServerConfig) throws(RequestError) {
        if case .customModelConfig = config.config {
            throw RequestError(.invalidArgument, "ModelServer does not yet support custom model config.")
        }
        var models: [ServedModel] = []
        var names: Set<String> = []
        for entry in config.modelConfigList.config {
            guard names.insert(entry.name).inserted else {
                throw RequestError(.invalidArgument, "Illegal to list model \(entry.name) multiple times in config list")
            }
            models.append(try ServedModel(entry))
        }
        self.models = models
    }

    /// Reads a configuration in protobuf's text format.
    ///
    /// - Throws: ``ServingError/Code/badModelConfiguration``, or the failure to read the file.
    package init(contentsOfFile path: String) throws {
        try self.init(try TextFormatFile.read(path, as: Tensorflow_Serving_ModelServerConfig.self), of: path)
    }

    /// Reads the text of a configuration file.
    ///
    /// - Throws: ``ServingError/Code/badConfigurationFile``, ``ServingError/Code/badModelConfiguration``.
    package init(textFormat text: String, of path: String) throws(ServingError) {
        try self.init(try TextFormatFile.parse(text, of: path, as: Tensorflow_Serving_ModelServerConfig.self), of: path)
    }

    private init(_ config: Tensorflow_Serving_ModelServerConfig, of path: String) throws(ServingError) {
        do {
            try self.init(config)
        } catch {
            throw ServingError(
                .badModelConfiguration, "\(path): \(error.message)",
                remedy: "mend that model's entry: name, base_path, model_platform: \"tensorflow\"")
        }
    }
}
