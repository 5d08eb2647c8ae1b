// SPDX-License-Identifier: Apache-2.0

/// Something about a converted model that its owner should know and that does not make it wrong.
public struct ConversionWarning: Hashable, Sendable {
    /// What kind of warning it is, in kebab case.
    public let identifier: String
    /// What was found.
    public let message: String

    /// Placeholders that keep their default in each run.
    static func openDefaults(_ names: [String]) -> ConversionWarning {
        ConversionWarning(
            identifier: "open-default",
            message:
                "\(listed(names)) kept at the default in each run; fix it (--set NAME=VALUE), or name it in the inputs if clients are to set it (a training switch may default to on)"
        )
    }

    /// Operations that answer differently each time.
    static func random(_ names: [String]) -> ConversionWarning {
        ConversionWarning(
            identifier: "random-operation",
            message: "\(listed(names)): random, so two runs on one input may differ (a dropout that is still on? --set its switch to false)")
    }

    /// Tables that nothing fills.
    static func uninitializedTables(_ names: [String]) -> ConversionWarning {
        ConversionWarning(identifier: "uninitialized-table", message: "\(listed(names)): lookup tables whose initialiser a frozen graph does not run")
    }

    /// The graph wants a reader newer than the newest that was known when this was written.
    static func newReader(_ version: Int32) -> ConversionWarning {
        ConversionWarning(identifier: "new-reader", message: "the graph wants a TensorFlow of GraphDef version \(version) or newer")
    }

    /// TensorFlow was not asked about a graph that it would take gigabytes for.
    static func manyNodes(limit: Int) -> ConversionWarning {
        ConversionWarning(
            identifier: "many-nodes",
            message: "the outputs need more than \(limit) nodes: TensorFlow was not asked about their shapes, nor whether it knows every operation")
    }

    /// The file is near what protobuf can hold.
    static func largeModel(_ size: Int) -> ConversionWarning {
        ConversionWarning(
            identifier: "large-model",
            message:
                "saved_model.pb has \(size) bytes: servers before TensorFlow 2 stop at 1 GiB, and loading takes several times its size in memory; better --as-variables"
        )
    }

    /// Reshapes to a fixed batch, after the batch was opened.
    static func fixedReshape(_ names: [String]) -> ConversionWarning {
        ConversionWarning(
            identifier: "fixed-reshape", message: "\(listed(names)): reshapes to the old batch size, so other batches may fail or be mixed up")
    }

    /// Outputs that still have the old batch, after it was opened.
    static func fixedBatch(_ keys: [String]) -> ConversionWarning {
        ConversionWarning(identifier: "fixed-batch", message: "\(listed(keys)): still of the old batch size, so other batches may fail")
    }

    /// Outputs whose shape is not known.
    static func unknownShapes(_ keys: [String]) -> ConversionWarning {
        ConversionWarning(
            identifier: "unknown-shape", message: "\(listed(keys)): shape unknown without TensorFlow; the model works, clients just cannot check it")
    }

    private static func listed(_ names: [String]) -> String {
        let shown = 5
        return names.prefix(shown).joined(separator: ", ") + (names.count > shown ? " and \(names.count - shown) more" : "")
    }
}
