// SPDX-License-Identifier: Apache-2.0

import SavedModels
import TestSupport

/// SavedModels of a few nodes, written by hand, for what no ready-made model shows.
enum TinyModel {
    /// `x`, a placeholder of any shape, and `y`, the same again.
    static func identity(_ type: DataType) -> [[UInt8]] {
        [
            Self.node("x", "Placeholder", attributes: [Self.attribute("dtype", type)]),
            Self.node("y", "Identity", inputs: ["x"], attributes: [Self.attribute("T", type)]),
        ]
    }

    /// `next`, the oldest float in a queue to which nothing is ever added: a run that would wait for ever.
    static let endless: [[UInt8]] = [
        Self.node("queue", "FIFOQueueV2", attributes: [Self.attribute("component_types", list: .float)]),
        Self.node("next", "QueueDequeueV2", inputs: ["queue"], attributes: [Self.attribute("component_types", list: .float)]),
    ]

    /// A GraphDef of these nodes.
    static func graph(_ nodes: [[UInt8]]) -> [UInt8] {
        // node = 1, versions = 4 with producer = 1.
        nodes.flatMap { Self.field(1, $0) } + Self.field(4, Self.field(1, 1000))
    }

    /// Writes a SavedModel of these nodes, without signatures, and returns its folder.
    static func write(_ nodes: [[UInt8]], into scratch: ScratchFolder) throws -> String {
        // MetaGraphDef: meta_info_def = 1 with tags = 4; graph_def = 2. SavedModel: saved_model_schema_version = 1, meta_graphs = 2.
        let metaGraph = Self.field(1, Self.field(4, Array("serve".utf8))) + Self.field(2, Self.graph(nodes))
        try scratch.write(Self.field(1, 1) + Self.field(2, metaGraph), to: "model/saved_model.pb")
        return scratch.file("model")
    }

    // NodeDef: name = 1, op = 2, input = 3, attr = 5, a map of key = 1 and value = 2.
    private static func node(_ name: String, _ operation: String, inputs: [String] = [], attributes: [[UInt8]]) -> [UInt8] {
        Self.field(1, Array(name.utf8)) + Self.field(2, Array(operation.utf8)) + inputs.flatMap { Self.field(3, Array($0.utf8)) }
            + attributes.flatMap { Self.field(5, $0) }
    }

    // AttrValue: type = 6, list = 1 with type = 6.
    private static func attribute(_ name: String, _ type: DataType) -> [UInt8] {
        Self.field(1, Array(name.utf8)) + Self.field(2, Self.field(6, Int(type.rawValue)))
    }

    private static func attribute(_ name: String, list type: DataType) -> [UInt8] {
        Self.field(1, Array(name.utf8)) + Self.field(2, Self.field(1, Self.field(6, Int(type.rawValue))))
    }

    private static func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] { [number << 3 | 2] + Self.varint(bytes.count) + bytes }
    private static func field(_ number: UInt8, _ value: Int) -> [UInt8] { [number << 3] + Self.varint(value) }

    private static func varint(_ value: Int) -> [UInt8] {
        value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7f) | 0x80] + Self.varint(value >> 7)
    }
}
