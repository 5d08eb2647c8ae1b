// SPDX-License-Identifier: Apache-2.0

import SwiftProtobuf
import TensorFlowProtos
import TestSupport
import Testing

@testable import ModelServing

@Suite("The list of models")
struct ModelConfigurationTests {
    private static func read(_ text: String) throws -> ModelConfiguration {
        let scratch = try ScratchFolder()
        return try ModelConfiguration(contentsOfFile: try scratch.write(Array(text.utf8), to: "models.config"))
    }

    @Test("all forms of the text format are read: comments, both quotes, lists, maps, with and without colons")
    func forms() throws {
        let configuration = try Self.read(
            """
            # two models
            model_config_list: {
              config {
                name: 'a'; base_path: "/models/" "a", model_platform: "tensorflow"
                model_version_policy { specific { versions: [1, 3] } }
                version_labels { key: "stable" value: 1 }
                version_labels { key: "canary" value: 3 }
              }
              config { name: "b" base_path: "/models/b" model_type: TENSORFLOW model_version_policy: { latest: { num_versions: 2 } } }
              config { name: "c" base_path: "/models/c" model_platform: "tensorflow" model_version_policy { all {} }
                logging_config { sampling_config { sampling_rate: 0.25 } } }
              config { name: "d" base_path: "/models/d" model_platform: "tensorflow" model_version_policy { latest {} } }
            }
            """)
        #expect(configuration.models.map(\.name) == ["a", "b", "c", "d"])
        #expect(configuration.models.map(\.basePath) == ["/models/a", "/models/b", "/models/c", "/models/d"])
        #expect(configuration.models.map(\.policy) == [.specific([1, 3]), .latest(2), .all, .latest(1)])
        #expect(configuration.models.map(\.requestLogRate) == [nil, nil, 0.25, nil])
        #expect(configuration.models.first?.labels == ["stable": 1, "canary": 3])
    }

    @Test("a file without a list, and a list of none, ask for nothing", arguments: [" ", "# nothing\n", "model_config_list {}"])
    func nothing(text: String) throws {
        #expect(try Self.read(text).models.isEmpty)
    }

    @Test(
        "what cannot be followed is refused in TensorFlow Serving's words",
        arguments: [
            (
                "config { name: 'm' base_path: '/a' model_platform: 'tensorflow' } config { name: 'm' base_path: '/b' model_platform: 'tensorflow' }",
                "Illegal to list model m multiple times in config list"
            ),
            (
                "config { name: 'm' base_path: 'models/m' model_platform: 'tensorflow' }",
                "Expected model m to have an absolute path or URI; got base_path()=models/m"
            ),
            (
                "config { name: 'm' base_path: '/m' model_platform: 'tensorflow' model_type: TENSORFLOW }",
                "Illegal setting both ModelServerConfig::model_type (deprecated) and ModelServerConfig::model_platform, model name is m"
            ),
            (
                "config { name: 'm' base_path: '/m' }",
                "Illegal setting neither ModelServerConfig::model_type (deprecated) nor ModelServerConfig::model_platform, model name is m"
            ),
            ("config { name: 'm' base_path: '/m' model_platform: 'caffe' }", "Model m requests unsupported platform caffe"),
            ("config { name: 'm' base_path: 'gs://b/m' model_platform: 'tensorflow' }", "model m: gs://b/m is no folder of this machine"),
            ("config { name: 'm' base_path: 'file://h/m' model_platform: 'tensorflow' }", "model m: file://h/m is no folder of this machine"),
        ])
    func refused(entries: String, message: String) throws {
        let error = #expect(throws: ServingError.self) { try Self.read("model_config_list { \(entries) }") }
        #expect(error?.code == .badModelConfiguration)
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }

    @Test("text that cannot be read is told with its place, in the words that TensorFlow Serving's tests look for")
    func malformed() throws {
        let text = "# models\nmodel_config_list {\n  config {\n    name: 'm'\n    base_pth: '/m'\n  }\n}\n"
        let error = #expect(throws: ServingError.self) { try Self.read(text) }
        #expect(error?.code == .badConfigurationFile)
        #expect(error?.message.contains("Invalid protobuf file: '") == true)
        let words =
            "Error parsing text-format tensorflow.serving.ModelServerConfig: 5:5: "
            + "Message type \"tensorflow.serving.ModelConfig\" has no field named \"base_pth\"."
        #expect(error?.message.hasSuffix(words) == true, "\(error?.message ?? "")")
    }

    @Test(
        "a folder of this machine may be given as a URI", arguments: [("file:///models/a%20b", "/models/a%20b"), ("/models/a://b", "/models/a://b")])
    func fileURI(basePath: String, path: String) throws {
        let models = try Self.read("model_config_list { config { name: 'm' base_path: '\(basePath)' model_platform: 'tensorflow' } }").models
        #expect(models.map(\.basePath) == [path])
    }

    @Test("a single model's folder may be relative and given as a URI, and is refused where it is not of this machine, as one in a list")
    func single() throws {
        for (basePath, path) in [("models/m", "models/m"), ("file:///models/m", "/models/m")] {
            #expect(try ModelConfiguration(name: "m", basePath: basePath).models.map(\.basePath) == [path])
        }
        let options = ServingOptions(.single(name: "m", basePath: "gs://b/m"))
        let error = #expect(throws: ServingError.self) { try ServerStart(options) { _ in } }
        #expect(error?.code == .badModelConfiguration)
        #expect(error?.message.contains("model m: gs://b/m is no folder of this machine") == true, "\(error?.message ?? "")")
    }

    @Test("a file of no bytes is an error, as for TensorFlow Serving")
    func emptyFile() throws {
        let error = #expect(throws: ServingError.self) { try Self.read("") }
        #expect(error?.code == .badConfigurationFile)
        #expect(error?.message.hasSuffix("it is empty") == true)
    }
}
