// SPDX-License-Identifier: Apache-2.0

import SwiftProtobuf
import TensorFlowProtos
import Testing

@testable import ModelServing

@Suite("Protobuf's text format")
struct TextFormatTests {
    private static func failure<Message: SwiftProtobuf.Message>(_ text: String, as type: Message.Type) -> String? {
        do throws(TextFormatError) {
            let _: Message = try TextFormatFile.message(text)
            return nil
        } catch {
            return "\(error.place): \(error.reason)"
        }
    }

    @Test(
        "what C++'s parser refuses is refused, with the place and the name of what is wrong",
        arguments: [
            ("name: 'a' name: 'b'", "1:11: Non-repeated field \"name\" is specified multiple times."),
            ("logging_config {}\nlogging_config {}", "2:1: Non-repeated field \"logging_config\" is specified multiple times."),
            ("version_labels { key: 'a' key: 'b' }", "1:27: Non-repeated field \"key\" is specified multiple times."),
            (
                "model_version_policy { all {} latest {} }",
                "1:31: Field \"latest\" is specified along with field \"all\", another member of oneof \"policy_choice\"."
            ),
            ("1: 'x'", "1:1: Expected identifier, got: 1"),
            ("  nme: 'x'", "1:3: Message type \"tensorflow.serving.ModelConfig\" has no field named \"nme\"."),
            ("\u{e9}: 1", "1:1: Interpreting non ascii codepoint 195."),
            ("name: '\u{e9}\u{e9}' nme: 1", "1:12: Message type \"tensorflow.serving.ModelConfig\" has no field named \"nme\"."),
            ("[a.b] { c: 1 }", "1:1: Message type \"tensorflow.serving.ModelConfig\" has no field named \"[a.b]\"."),
            (
                "version_labels: [{ key: 'a' }, { kay: 'b' }]",
                "1:34: Message type \"tensorflow.serving.ModelConfig.VersionLabelsEntry\" has no field named \"kay\"."
            ),
            ("name 'x'", "1:6: Expected \":\", found \"'x'\"."),
            ("name: { }", "1:7: Expected a value, got: {"),
            ("name: -'x'", "1:8: Expected a value, got: 'x'"),
            ("logging_config: 1", "1:17: Expected \"{\", found \"1\"."),
            ("logging_config: [{}]", "1:17: Expected \"{\", found \"[\"."),
            ("name: ['a']", "1:7: Expected a value, got: ["),
            ("version_labels [{}, ]", "1:21: Expected \"{\", found \"]\"."),
            ("version_labels [{} {}]", "1:20: Expected \"]\", found \"{\"."),
            ("name: 'open\nbase_path: 'x'", "1:7: String literals cannot cross line boundaries."),
            ("name: 'open\\", "1:7: Unexpected end of string."),
            ("logging_config {\n # }\n", "1:1: Expected \"}\", found the end of the text."),
            ("logging_config < }", "1:18: Expected \">\", found \"}\"."),
            ("} name: 'x'", "1:1: Expected identifier, got: }"),
            ("model_type: FOO", "1:13: Unknown enumeration value of \"FOO\" for field \"model_type\"."),
            ("name: 3", "1:7: Invalid value for field \"name\""),
            (
                "model_version_policy { specific { versions: [1,\n  99999999999999999999] } }",
                "2:3: Invalid value for field \"versions\": not a number that fits the field"
            ),
            ("version_labels { key: 'a' value: +1 }", "1:34: Expected a value, got: +"),
            ("name: 'a\0b'", "1:9: Unexpected end of string."),
            ("name: 'a\\\0b'", "1:10: Unexpected end of string."),
            ("# a\0b\nname: 'x'", "1:4: Invalid control characters encountered in text."),
            ("version_labels { key: 'a' value: 'b' }", "1:34: Invalid value for field \"value\": not a number that fits the field"),
        ])
    func refused(text: String, failure: String) {
        #expect(Self.failure(text, as: Tensorflow_Serving_ModelConfig.self) == failure)
    }

    @Test(
        "messages that are nested too deep are refused, those that are passed over too",
        arguments: [
            ("custom_model_config ", "{ [type.googleapis.com/google.protobuf.Any] ", Tensorflow_Serving_ModelServerConfig.self),
            // A field that there was once.
            ("graph_options { skip_common_subexpression_elimination ", "{ a ", Tensorflow_ConfigProto.self),
        ] as [(String, String, any SwiftProtobuf.Message.Type)])
    func depth(begin: String, level: String, type: any SwiftProtobuf.Message.Type) {
        let failure = Self.failure(begin + String(repeating: level, count: 1_000), as: type)
        #expect(failure?.hasSuffix("Message is too deep, the parser exceeded the configured recursion limit of 100.") == true, "\(failure ?? "")")
    }

    @Test("an Any of a type that is not known is refused by its name")
    func unknownAny() {
        let text = "\ncustom_model_config {\n  [type.googleapis.com/a.B] { c: 1 }\n}"
        #expect(
            Self.failure(text, as: Tensorflow_Serving_ModelServerConfig.self)
                == "3:3: Could not find type \"type.googleapis.com/a.B\" stored in google.protobuf.Any.")
    }

    @Test(
        "what C++'s parser takes is taken",
        arguments: [
            "name: 'm' version_labels { key: 'a' value: 1 } version_labels { key: 'b' }",
            "\u{feff}name: 'm'; version_labels [ { key: 'a' value: 1 }, < key: 'b' > ]",
            "name: 'm' version_labels { key: 'b' value: 2 } version_labels: { value: 0x1 key: 'a' } # last\nversion_labels { key: \"b\" }",
            "name:\r\n\t'm', version_labels { key: 'a' value: 1 }",
        ])
    func taken(text: String) throws {
        let config: Tensorflow_Serving_ModelConfig = try TextFormatFile.message(text)
        #expect(config.name == "m")
        #expect(config.versionLabels["a"] == 1)
        if text.contains("'b'") { #expect(config.versionLabels["b"] == 0) }
    }

    @Test("an entry of a map may lack both its parts")
    func emptyEntry() throws {
        let config: Tensorflow_Serving_ModelConfig = try TextFormatFile.message("version_labels {} name: 'm'")
        #expect(config.versionLabels == ["": 0])
        let session: Tensorflow_ConfigProto = try TextFormatFile.message("device_count { key: 'CPU' } intra_op_parallelism_threads: 2")
        #expect(session.deviceCount == ["CPU": 0])
    }

    @Test("an error in a map's entry of which the half is missing is told where it is")
    func wrongHalf() {
        #expect(
            Self.failure("version_labels { key: 'a' }\nversion_labels { value: x }", as: Tensorflow_Serving_ModelConfig.self)?.hasPrefix("2:25: ")
                == true)
    }

    @Test(
        "the messages of all configuration files are known",
        arguments: [
            Tensorflow_Serving_ModelServerConfig.self, Tensorflow_Serving_BatchingParameters.self, Tensorflow_Serving_MonitoringConfig.self,
            Tensorflow_Serving_SSLConfig.self, Tensorflow_ConfigProto.self,
        ] as [any SwiftProtobuf.Message.Type])
    func known(type: any SwiftProtobuf.Message.Type) {
        #expect(TextFormatSchema.configuration[type.protoMessageName]?.fields.isEmpty == false)
    }

    @Test("a text that ends anywhere is read or refused")
    func truncations() throws {
        let text =
            "name: 'a\\x41' base_path: \"/m\" version_labels: [{ key: 'a' value: -1 }, < value: 0x1F key: \"\" >]; "
            + "model_version_policy { latest { num_versions: 1 } } # end"
        let whole: Tensorflow_Serving_ModelConfig = try TextFormatFile.message(text)
        #expect(whole.versionLabels == ["a": -1, "": 31])
        for count in 0..<text.utf8.count {
            let part = String(decoding: text.utf8.prefix(count), as: UTF8.self)
            let failure = Self.failure(part, as: Tensorflow_Serving_ModelConfig.self)
            #expect((failure == nil) == ((try? Tensorflow_Serving_ModelConfig(textFormatString: part)) != nil), "\(part)")
        }
    }
}
