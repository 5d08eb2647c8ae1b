// SPDX-License-Identifier: Apache-2.0

import ByteCoding
package import SwiftProtobuf

/// Reads configuration files in protobuf's text format.
package enum TextFormatFile {
    /// The largest file that is read.
    static let sizeLimit = 16 << 20
    /// What some editors put before a text in UTF-8.
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// Reads a message; fields that it does not have are errors.
    ///
    /// - Throws: ``ServingError/Code/badConfigurationFile`` in TensorFlow Serving's words, which its tests look for, or the failure to
    ///   read the file.
    static func read<Message: SwiftProtobuf.Message>(_ path: String, as type: Message.Type) throws -> Message {
        try Self.parse(try InputFile.readAll(path, limit: Self.sizeLimit), of: path, as: type)
    }

    /// Reads a message out of the bytes of a file.
    ///
    /// - Throws: as ``read(_:as:)``.
    static func parse<Message: SwiftProtobuf.Message>(_ bytes: [UInt8], of path: String, as type: Message.Type) throws(ServingError) -> Message {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ServingError(.badConfigurationFile, "Invalid protobuf file: '\(path)': it is not UTF-8 text")
        }
        return try Self.parse(text, of: path, as: type)
    }

    /// Reads a message out of the text of a file.
    ///
    /// - Throws: as ``read(_:as:)``.
    package static func parse<Message: SwiftProtobuf.Message>(_ text: String, of path: String, as type: Message.Type) throws(ServingError) -> Message
    {
        // Whoever wants a file that asks for nothing can put a comment into it; one of no bytes is one that was not written.
        guard !text.isEmpty else {
            throw ServingError(
                .badConfigurationFile, "Invalid protobuf file: '\(path)': it is empty",
                remedy: "write the file; for nothing write a comment, such as #")
        }
        do {
            return try Self.message(text)
        } catch {
            throw ServingError(
                .badConfigurationFile,
                "Invalid protobuf file: '\(path)'\nError parsing text-format \(Message.protoMessageName): \(error.place): \(error.reason)",
                remedy: "mend the file at that line; unknown fields are errors")
        }
    }

    /// Reads a message of those in ``TextFormatSchema/configuration``.
    ///
    /// - Throws: what is wrong, which may hold parts of the text.
    static func message<Message: SwiftProtobuf.Message>(_ text: String) throws(TextFormatError) -> Message {
        let text = text.utf8.starts(with: Self.byteOrderMark) ? String(decoding: text.utf8.dropFirst(Self.byteOrderMark.count), as: UTF8.self) : text
        let check = try TextFormatCheck(text, of: Message.protoMessageName)
        do {
            return try Message(textFormatString: check.completed)
        } catch {
            // The parser does not tell where: it is asked for each value alone.
            for leaf in check.leaves {
                if let reason = Self.failure(of: leaf, in: text, as: Message.self) { throw TextFormatError(leaf.place, reason) }
            }
            throw TextFormatError(.start, Self.reason(error) ?? "not protobuf's text format")
        }
    }

    private static func failure<Message: SwiftProtobuf.Message>(
        of leaf: TextFormatCheck.Leaf, in text: String, as type: Message.Type
    ) -> String? {
        do {
            _ = try Message(textFormatString: try TextFormatCheck(leaf.text(in: text), of: Message.protoMessageName).completed)
            return nil
        } catch TextFormatDecodingError.unrecognizedEnumValue {
            return "Unknown enumeration value of \"\(text[leaf.range])\" for field \"\(leaf.name)\"."
        } catch {
            return "Invalid value for field \"\(leaf.name)\"" + (Self.reason(error).map { ": \($0)" } ?? "")
        }
    }

    private static func reason(_ error: any Error) -> String? {
        switch error as? TextFormatDecodingError {
        case .malformedNumber: "not a number that fits the field"
        case .truncated: "the text ends too early"
        case .schemaMismatch: "not of the field's type"
        case .invalidUTF8: "not UTF-8"
        case .messageDepthLimit: "messages are nested too deep"
        default: nil
        }
    }
}
