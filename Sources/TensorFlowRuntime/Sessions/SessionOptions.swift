// SPDX-License-Identifier: Apache-2.0

/// How a session computes.
public struct SessionOptions: Hashable, Sendable {
    /// Whether operations pinned to a device that is not there may run on another; models made for a GPU need it.
    public var allowsSoftPlacement = true

    /// Threads within one operation; 0 lets TensorFlow choose by the number of processors.
    public var intraOperationThreads = 0

    /// Threads for operations that do not depend on each other; 0 lets TensorFlow choose.
    public var interOperationThreads = 0

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
        var proto = ProtoFields()
        // intra_op_parallelism_threads = 2, inter_op_parallelism_threads = 5, allow_soft_placement = 7.
        if self.intraOperationThreads > 0 { proto.append(field: 2, UInt64(self.intraOperationThreads)) }
        if self.interOperationThreads > 0 { proto.append(field: 5, UInt64(self.interOperationThreads)) }
        if self.allowsSoftPlacement { proto.append(field: 7, 1) }
        return proto.bytes + self.configuration
    }
}

/// The few varint fields of TensorFlow's option messages that are written here.
struct ProtoFields {
    private(set) var bytes: [UInt8] = []

    mutating func append(field: UInt64, _ value: UInt64) {
        self.append(varint: field << 3)
        self.append(varint: value)
    }

    private mutating func append(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            self.bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        self.bytes.append(UInt8(rest))
    }
}
