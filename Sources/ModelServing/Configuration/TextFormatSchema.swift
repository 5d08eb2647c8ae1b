// SPDX-License-Identifier: Apache-2.0

import SwiftProtobuf

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The messages of configuration files with their fields, as protoc read their declarations.
///
/// The generated types know their fields' names too, but tell nobody.
struct TextFormatSchema: Sendable {
    struct Message: Sendable {
        /// The full name.
        let name: String
        let fields: [String: Field]
        /// Names of fields that were there once, whose values are passed over.
        let reservedNames: Set<String>
        /// Whether it is an entry of a map.
        let isMapEntry: Bool
    }

    struct Field: Sendable {
        let isRepeated: Bool
        /// The full name of the field's message; `nil` for a number, string or enumeration.
        let message: String?
        /// The choice of which the field is one.
        let oneOf: String?
        /// The value of a field that is not set, as text after the name.
        let defaultValue: String
    }

    /// The declarations that were generated with this program.
    static let configuration: TextFormatSchema = {
        guard let bytes = Data(base64Encoded: serializedConfigurationDescriptors, options: .ignoreUnknownCharacters),
            let set = try? Google_Protobuf_FileDescriptorSet(serializedBytes: bytes)
        else { preconditionFailure("the generated descriptors are damaged") }
        return TextFormatSchema(set)
    }()

    private var messages: [String: Message] = [:]

    private init(_ set: Google_Protobuf_FileDescriptorSet) {
        for file in set.file {
            for message in file.messageType { self.declare(message, within: file.package) }
        }
    }

    /// The message of a full name.
    subscript(name: String) -> Message? { self.messages[name] }

    private mutating func declare(_ message: Google_Protobuf_DescriptorProto, within scope: String) {
        let name = scope.isEmpty ? message.name : "\(scope).\(message.name)"
        let fields = message.field.map { field in
            let isChoice = field.hasOneofIndex && !field.proto3Optional
            let declared = Field(
                isRepeated: field.label == .repeated, message: field.type == .message ? String(field.typeName.dropFirst()) : nil,
                oneOf: isChoice ? message.oneofDecl[Int(field.oneofIndex)].name : nil, defaultValue: Self.defaultValue(field.type))
            return (field.name, declared)
        }
        self.messages[name] = Message(
            name: name, fields: Dictionary(fields, uniquingKeysWith: { $1 }), reservedNames: Set(message.reservedName),
            isMapEntry: message.options.mapEntry)
        for nested in message.nestedType { self.declare(nested, within: name) }
    }

    private static func defaultValue(_ type: Google_Protobuf_FieldDescriptorProto.TypeEnum) -> String {
        switch type {
        case .message, .group: " {}"
        case .string, .bytes: ": \"\""
        case .bool: ": false"
        default: ": 0"
        }
    }
}
