// SPDX-License-Identifier: Apache-2.0

internal import SavedModels

/// How a session computes.
public struct SessionOptions: Hashable, Sendable {
    /// Whether operations pinned to a device that is not there may run on another; models made for a GPU need it.
    public var allowsSoftPlacement = true

    /// Threads within one operation; 0 lets TensorFlow choose by the number of processors.
    public var intraOperationThreads = 0

    /// Threads for operations that do not depend on each other; 0 lets TensorFlow choose.
    public var interOperationThreads = 0

    /// Whether operations may compute in bfloat16, at less precision, where the processor is faster at it.
    public var mixesPrecision = false

    /// A serialised `tensorflow.ConfigProto` of the user's; what it sets wins over the settings above.
    public var configuration: [UInt8] = []

    /// Makes the options that serve best when nothing is known about the model.
    public init() {}

    /// For comparing graphs: TensorFlow computes each as it is.
    static var withoutOptimizer: SessionOptions {
        var options = SessionOptions()
        // ConfigProto.graph_options.rewrite_options.disable_meta_optimizer = true.
        options.configuration = [0x52, 0x05, 0x52, 0x03, 0x98, 0x01, 0x01]
        return options
    }

    /// The whole as a serialised `ConfigProto`: repeated scalar fields count by the last, so the user's come behind.
    var encoded: [UInt8] {
        var proto = WireWriter()
        // intra_op_parallelism_threads = 2, inter_op_parallelism_threads = 5, allow_soft_placement = 7.
        if self.intraOperationThreads > 0 { proto.write(field: 2, varint: UInt64(self.intraOperationThreads)) }
        if self.interOperationThreads > 0 { proto.write(field: 5, varint: UInt64(self.interOperationThreads)) }
        if self.allowsSoftPlacement { proto.write(field: 7, varint: 1) }
        // graph_options = 10, in it rewrite_options = 10, in it auto_mixed_precision_onednn_bfloat16 = 31, of which 1 is on.
        let precision: [UInt8] = self.mixesPrecision ? [0x52, 0x05, 0x52, 0x03, 0xf8, 0x01, 0x01] : []
        return proto.bytes + precision + self.configuration
    }
}
