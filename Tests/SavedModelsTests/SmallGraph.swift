// SPDX-License-Identifier: Apache-2.0

import SwiftProtobuf
import TensorFlowProtos

/// Graphs made for one test, node by node.
enum SmallGraph {
    static func node(_ name: String, _ operation: String, _ inputs: [String] = [], _ attributes: [String: Tensorflow_AttrValue] = [:])
        -> Tensorflow_NodeDef
    {
        .with {
            $0.name = name
            $0.op = operation
            $0.input = inputs
            $0.attr = attributes
        }
    }

    static func placeholder(_ name: String, _ type: Tensorflow_DataType = .dtFloat, _ shape: [Int64]? = [-1, 3]) -> Tensorflow_NodeDef {
        var attributes: [String: Tensorflow_AttrValue] = ["dtype": .with { $0.type = type }]
        if let shape { attributes["shape"] = .with { $0.shape.dim = shape.map { size in .with { $0.size = size } } } }
        return self.node(name, "Placeholder", [], attributes)
    }

    static func float(_ name: String, _ operation: String, _ inputs: [String] = []) -> Tensorflow_NodeDef {
        self.node(name, operation, inputs, ["T": .with { $0.type = .dtFloat }])
    }

    static func constant(_ name: String, _ values: [Float], shape: [Int64] = []) -> Tensorflow_NodeDef {
        self.node(
            name, "Const", [],
            [
                "dtype": .with { $0.type = .dtFloat },
                "value": .with {
                    $0.tensor.dtype = .dtFloat
                    $0.tensor.tensorShape.dim = shape.map { size in .with { $0.size = size } }
                    $0.tensor.floatVal = values
                },
            ])
    }

    static func graph(_ nodes: [Tensorflow_NodeDef], producer: Int32 = 1882, minimumConsumer: Int32 = 0) throws -> [UInt8] {
        let graph = Tensorflow_GraphDef.with {
            $0.node = nodes
            $0.versions.producer = producer
            $0.versions.minConsumer = minimumConsumer
        }
        return try graph.serializedBytes()
    }
}
