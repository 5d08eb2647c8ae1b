// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import SwiftProtobuf

/// Reads configuration files in protobuf's text format.
enum TextFormatFile {
    /// The largest file that is read.
    static let sizeLimit = 16 << 20

    /// Reads a message; fields that it does not have are errors.
    ///
    /// - Throws: ``ServingError/Code/badConfigurationFile`` in TensorFlow Serving's words, which its tests look for, or the failure to
    ///   read the file.
    static func read<Message: SwiftProtobuf.Message>(_ path: String, as type: Message.Type) throws -> Message {
        let bytes = try InputFile.readAll(path, limit: Self.sizeLimit)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ServingError(.badConfigurationFile, "Invalid protobuf file: '\(path)': it is not UTF-8 text")
        }
        return try Self.parse(text, of: path, as: type)
    }

    /// Reads a message out of the text of a file.
    ///
    /// - Throws: as ``read(_:as:)``.
    static func parse<Message: SwiftProtobuf.Message>(_ text: String, of path: String, as type: Message.Type) throws(ServingError) -> Message {
        do {
            return try Message(textFormatString: text)
        } catch {
            let place = TextFormatPlace.ofFirstError(in: text) { (try? Message(textFormatString: $0)) != nil }
            throw ServingError(
                .badConfigurationFile,
                "Invalid protobuf file: '\(path)'\nError parsing text-format \(Message.protoMessageName): \(place): \(Self.reason(error))",
                remedy: "mend the file at that line; unknown fields are errors")
        }
    }

    private static func reason(_ error: any Error) -> String {
        switch error as? TextFormatDecodingError {
        case .unknownField: "there is no field of that name"
        case .unrecognizedEnumValue: "there is no value of that name"
        case .malformedNumber: "not a number that fits the field"
        case .truncated: "the text ends too early"
        case .trailingGarbage: "text that belongs to no field"
        case .schemaMismatch: "the value is not of the field's type"
        case .conflictingOneOf: "only one of these fields may be set"
        case .invalidUTF8: "not UTF-8"
        case .messageDepthLimit: "messages are nested too deep"
        default: "not protobuf's text format"
        }
    }
}
