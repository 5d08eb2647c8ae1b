// SPDX-License-Identifier: Apache-2.0

import SwiftProtobuf
import TensorFlowProtos

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A small graph that turns a picture (JPEG, PNG, GIF or BMP) into a model's input: decoded, resized, normalised.
package struct ImageGraph: Sendable {
    /// The tensor that takes the file's bytes, and the one that has the picture.
    package static let input = "contents:0", output = "picture:0"

    /// Height and width that the picture is resized to; `nil` leaves it as it is.
    package var size: (height: Int, width: Int)?
    /// 1 for grey, 3 for colours, 4 with transparency.
    package var channels = 3
    /// The element type of the result.
    package var dataType = DataType.float
    /// What is subtracted from each channel.
    package var mean: [Float] = []
    /// What everything is multiplied by, after the subtraction.
    package var scale: Float = 1

    package init() {}

    /// The graph, serialized.
    package func encode() throws -> [UInt8] {
        var nodes = [
            Self.node(
                "contents", "Placeholder", [], ["dtype": .with { $0.type = .dtString }, "shape": .with { $0.shape = Tensorflow_TensorShapeProto() }]),
            Self.node(
                "decoded", "DecodeImage", ["contents"],
                [
                    "channels": .with { $0.i = Int64(self.channels) }, "dtype": .with { $0.type = .dtUint8 },
                    "expand_animations": .with { $0.b = false },
                ]),
            Self.constant("axis", .dtInt32, [], Self.bytes([Int32(0)])),
            Self.node("batch", "ExpandDims", ["decoded", "axis"], ["T": .with { $0.type = .dtUint8 }, "Tdim": .with { $0.type = .dtInt32 }]),
            Self.node("floats", "Cast", ["batch"], ["SrcT": .with { $0.type = .dtUint8 }, "DstT": .with { $0.type = .dtFloat }]),
        ]
        var last = "floats"
        if let size = self.size {
            nodes.append(Self.constant("size", .dtInt32, [2], Self.bytes([Int32(size.height), Int32(size.width)])))
            nodes.append(
                Self.node(
                    "resized", "ResizeBilinear", [last, "size"], ["T": .with { $0.type = .dtFloat }, "half_pixel_centers": .with { $0.b = true }]))
            last = "resized"
        }
        if !self.mean.isEmpty {
            nodes.append(Self.constant("mean", .dtFloat, [Int64(self.mean.count)], Self.bytes(self.mean.map(\.bitPattern))))
            nodes.append(Self.node("centred", "Sub", [last, "mean"], ["T": .with { $0.type = .dtFloat }]))
            last = "centred"
        }
        nodes.append(Self.constant("scale", .dtFloat, [], Self.bytes([self.scale.bitPattern])))
        nodes.append(Self.node("scaled", "Mul", [last, "scale"], ["T": .with { $0.type = .dtFloat }]))
        let type = Tensorflow_DataType(rawValue: Int(self.dataType.rawValue)) ?? .dtFloat
        nodes.append(Self.node("picture", "Cast", ["scaled"], ["SrcT": .with { $0.type = .dtFloat }, "DstT": .with { $0.type = type }]))
        let graph = Tensorflow_GraphDef.with {
            $0.node = nodes
            $0.versions.producer = 1882
        }
        return try graph.serializedBytes()
    }

    private static func node(
        _ name: String, _ operation: String, _ inputs: [String], _ attributes: [String: Tensorflow_AttrValue]
    ) -> Tensorflow_NodeDef {
        .with {
            $0.name = name
            $0.op = operation
            $0.input = inputs
            $0.attr = attributes
        }
    }

    private static func constant(_ name: String, _ type: Tensorflow_DataType, _ shape: [Int64], _ content: Data) -> Tensorflow_NodeDef {
        self.node(
            name, "Const", [],
            [
                "dtype": .with { $0.type = type },
                "value": .with {
                    $0.tensor.dtype = type
                    $0.tensor.tensorShape.dim = shape.map { size in .with { $0.size = size } }
                    $0.tensor.tensorContent = content
                },
            ])
    }

    private static func bytes<Number: FixedWidthInteger>(_ numbers: [Number]) -> Data {
        Data(numbers.flatMap { number in (0..<(Number.bitWidth / 8)).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) } })
    }
}
