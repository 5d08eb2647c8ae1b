// SPDX-License-Identifier: Apache-2.0

/// How many threads an enclave with `sealwright serve` needs: `sgx.max_threads`.
public struct ThreadBudget: Hashable, Sendable, Codable {
    /// Event loops of the network.
    public var eventLoops = 2
    /// Processors that the enclave sees: the width of Swift's cooperative pool.
    public var processors = 4
    /// TensorFlow's threads within an operation.
    public var intraOperation = 4
    /// TensorFlow's threads between operations.
    public var interOperation = 2
    /// Threads that collect batches.
    public var batching = 4

    /// Makes a budget with the defaults of a four-processor machine.
    public init() {}

    /// Gramine's own: main, IPC, async, one for a pipe that is being made.
    private static let gramine = 4
    /// libdispatch's manager, and the thread that stands in for the kernel's timers.
    private static let dispatchAndTimers = 2
    /// Blocking file work.
    private static let fileWork = 2
    /// TensorFlow's threads beside its two pools, as measured.
    private static let tensorFlow = 4

    /// What is needed at most, counted.
    public var needed: Int {
        Self.gramine + self.eventLoops + self.processors + Self.dispatchAndTimers + Self.fileWork + self.interOperation + self.intraOperation
            + Self.tensorFlow + self.batching
    }

    /// What to write into the manifest: a quarter more, in steps of eight.
    public var maxThreads: Int { (self.needed * 5 / 4 + 7) / 8 * 8 }
}
