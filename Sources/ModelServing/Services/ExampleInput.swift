// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import SavedModels
import SwiftProtobuf
import TensorFlowProtos
import TensorFlowRuntime

/// The examples of a Classify, Regress or MultiInference request, as the bytes that came over the wire.
///
/// They are never decoded here: the model's graph parses them, and an encoder of ours might order or shorten what a client wrote.
package struct ExampleInput: Sendable {
    /// One serialised `tensorflow.Example` an element, the context's bytes before its own: merging is part of the protobuf encoding.
    private let examples: [[UInt8]]

    /// Reads the `tensorflow.serving.Input` that fills `range`.
    init(_ bytes: Span<UInt8>, in range: Range<Int>) throws(WireError) {
        var reader = WireReader(bytes, in: range)
        var examples: [[UInt8]] = []
        while let field = try reader.nextField() {
            switch field.number {
            // The kind is a oneof, of which the last counts; two lists of one kind would be merged, which no client writes.
            case 1: examples = try Self.list(bytes, in: try field.bytes())
            case 2: examples = try Self.listWithContext(bytes, in: try field.bytes())
            default: break
            }
        }
        self.examples = examples
    }

    /// Takes over a message that was decoded before.
    init(_ message: Tensorflow_Serving_Input) throws(RequestError) {
        do {
            let bytes: [UInt8] = try message.serializedBytes()
            try self.init(bytes.span, in: 0..<bytes.count)
        } catch {
            throw RequestError(.internalError, "Error parsing serialized input.")
        }
    }

    private init() { self.examples = [] }

    /// The input of a request that has none.
    static let none = ExampleInput()

    private static func list(_ bytes: Span<UInt8>, in range: Range<Int>) throws(WireError) -> [[UInt8]] {
        var reader = WireReader(bytes, in: range)
        var examples: [[UInt8]] = []
        while let field = try reader.nextField() {
            guard field.number == 1 else { continue }
            examples.append([UInt8](copying: bytes.extracting(try field.bytes())))
        }
        return examples
    }

    private static func listWithContext(_ bytes: Span<UInt8>, in range: Range<Int>) throws(WireError) -> [[UInt8]] {
        var reader = WireReader(bytes, in: range)
        var context: [UInt8] = []
        var examples: [Range<Int>] = []
        while let field = try reader.nextField() {
            switch field.number {
            case 1: examples.append(try field.bytes())
            case 2: context.append(copying: bytes.extracting(try field.bytes()))
            default: break
            }
        }
        var combined: [[UInt8]] = []
        for example in examples {
            combined.append(context)
            combined[combined.count - 1].append(copying: bytes.extracting(example))
        }
        return combined
    }

    /// How many examples there are.
    var count: Int { self.examples.count }

    /// The string tensor that signatures for examples take.
    func tensor() throws(RequestError) -> Tensor {
        guard !self.examples.isEmpty else { throw RequestError(.invalidArgument, "Input is empty.") }
        do {
            return try Tensor(strings: self.examples, shape: [self.examples.count])
        } catch {
            throw RequestError(describing: error)
        }
    }
}
