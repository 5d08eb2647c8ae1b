// SPDX-License-Identifier: Apache-2.0

import SwiftProtobuf
import TensorFlowProtos

/// How requests are put together into batches: TensorFlow Serving's `BatchingParameters`, checked.
struct BatchingParameters: Hashable, Sendable {
    /// More batches of one queue never wait, whatever the parameters say; a request is cut into no more parts either.
    ///
    /// Rows without elements cost a client nothing, so that its message does not bound how many there are.
    static let mostEnqueued = 1 << 16

    /// The most rows of a request, and of a batch unless requests are split.
    let maximumBatchSize: Int
    /// The most rows that are run at once.
    let maximumExecutionSize: Int
    /// How long a batch waits for more requests while a thread is free.
    let timeout: Duration
    /// How many batches of one queue may wait.
    let maximumEnqueued: Int
    /// How many batches run at once, all models together.
    let threads: Int
    /// The sizes that are run, increasing; empty for any size.
    let allowedSizes: [Int]
    /// Whether tensors of different shapes are padded to the largest one.
    let padsInputs: Bool
    /// Whether a request may be cut over several batches.
    let splitsRequests: Bool

    /// Fills in TensorFlow Serving's defaults and checks; there are as many threads as `processors` unless the parameters say.
    ///
    /// - Throws: `INVALID_ARGUMENT` in TensorFlow Serving's words.
    init(_ proto: Tensorflow_Serving_BatchingParameters = .init(), processors: Int) throws(RequestError) {
        self.maximumBatchSize = try Self.size(proto.hasMaxBatchSize ? proto.maxBatchSize : nil, default: 1000, named: "max_batch_size")
        self.splitsRequests = proto.enableLargeBatchSplitting.value
        let execution = proto.hasMaxExecutionBatchSize ? proto.maxExecutionBatchSize : nil
        self.maximumExecutionSize =
            self.splitsRequests ? try Self.size(execution, default: self.maximumBatchSize, named: "max_execution_batch_size") : self.maximumBatchSize
        guard self.maximumBatchSize >= self.maximumExecutionSize else {
            throw Self.invalid(
                "max_batch_size (\(self.maximumBatchSize)) should be larger than or equal to max_execution_batch_size (\(self.maximumExecutionSize))")
        }
        guard proto.batchTimeoutMicros.value >= 0 else {
            throw Self.invalid("batch_timeout_micros must be non-negative; was \(proto.batchTimeoutMicros.value)")
        }
        self.timeout = .microseconds(proto.batchTimeoutMicros.value)
        guard proto.maxEnqueuedBatches.value >= 0 else {
            throw Self.invalid("max_enqueued_batches must be non-negative; was \(proto.maxEnqueuedBatches.value)")
        }
        self.maximumEnqueued = proto.hasMaxEnqueuedBatches ? min(max(1, Int(proto.maxEnqueuedBatches.value)), Self.mostEnqueued) : 10
        let threads = proto.hasNumBatchThreads ? proto.numBatchThreads.value : Int64(processors)
        guard threads >= 1 else { throw Self.invalid("num_batch_threads must be positive; was \(threads)") }
        self.threads = Int(threads)
        self.padsInputs = proto.padVariableLengthInputs
        self.allowedSizes = try Self.allowedSizes(proto.allowedBatchSizes, largest: self.maximumExecutionSize, isSplitting: self.splitsRequests)
    }

    /// The size to which a batch of `size` rows is padded.
    func paddedSize(_ size: Int) -> Int { self.allowedSizes.first { $0 >= size } ?? size }

    private static func allowedSizes(_ sizes: [Int64], largest: Int, isSplitting: Bool) throws(RequestError) -> [Int] {
        guard let last = sizes.last else { return [] }
        let name = isSplitting ? "max_execution_batch_size" : "max_batch_size"
        guard last == largest else {
            throw Self.invalid("Last entry in allowed_batch_sizes must match \(name); last entry was \(last); expected \(largest)")
        }
        guard zip(sizes, sizes.dropFirst()).allSatisfy(<), sizes.allSatisfy({ $0 > 0 }) else {
            throw Self.invalid("allowed_batch_sizes entries must be monotonically increasing")
        }
        return sizes.map(Int.init)
    }

    private static func size(_ value: Google_Protobuf_Int64Value?, default standard: Int, named name: String) throws(RequestError) -> Int {
        guard let value else { return standard }
        guard value.value > 0 else { throw Self.invalid("\(name) must be positive; was \(value.value)") }
        return Int(value.value)
    }

    private static func invalid(_ message: String) -> RequestError { RequestError(.invalidArgument, message) }
}
