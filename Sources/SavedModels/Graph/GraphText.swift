// SPDX-License-Identifier: Apache-2.0

import SwiftProtobuf
import TensorFlowProtos

/// A GraphDef in protobuf's text form (`*.pbtxt`).
enum GraphText {
    /// So many bytes are looked at to tell text from the binary form, which has control characters among its first tags.
    private static let examined = 512

    /// Whether the bytes begin as text does.
    static func isText(_ bytes: GraphBytes) -> Bool {
        let start = bytes[0..<min(bytes.count, Self.examined)]
        return !start.isEmpty && start.allSatisfy { (0x20...0xff).contains($0) && $0 != 0x7f || (0x09...0x0d).contains($0) }
    }

    /// The same graph in binary form, equal for equal texts.
    ///
    /// Fields that only newer writers know are passed over.
    static func binary(_ bytes: [UInt8]) throws(SavedModelError) -> [UInt8] {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw SavedModelError(.notAGraph, "not a GraphDef: it looks like text, but is not UTF-8")
        }
        do {
            var reading = TextFormatDecodingOptions()
            reading.ignoreUnknownFields = true
            var writing = BinaryEncodingOptions()
            writing.useDeterministicOrdering = true
            return try Tensorflow_GraphDef(textFormatString: text, options: reading).serializedBytes(options: writing)
        } catch {
            throw SavedModelError(
                .notAGraph, "not a GraphDef in text form: \(error)", remedy: "give a frozen graph, in binary form (*.pb) or as text (*.pbtxt)")
        }
    }
}
