// SPDX-License-Identifier: Apache-2.0

/// How large an enclave with `sealwright serve` has to be: `sgx.enclave_size`, and the memory limit of its pod.
///
/// Everything lies in enclave memory whole: an enclave has no page cache and reads what it maps at once.
public struct EnclaveBudget: Hashable, Sendable, Codable {
    /// Bytes of the loadable segments of the executable and the libraries.
    public var code: Int
    /// Bytes of the model's variables.
    public var variables: Int
    /// Bytes of the model's graph, with its constants.
    public var graph: Int
    /// Versions of the model that are loaded at once: two where versions change without a pause.
    public var versions = 1
    /// Threads, each with a stack and a slot.
    public var threads: ThreadBudget

    /// Makes a budget of what was measured or counted.
    public init(code: Int, variables: Int, graph: Int, threads: ThreadBudget) {
        self.code = code
        self.variables = variables
        self.graph = graph
        self.threads = threads
    }

    /// Stack of each thread (`sys.stack.size`).
    public static let stack = 2 << 20
    /// What each thread slot costs beside its stack.
    private static let slot = 360 << 10
    /// The cache of sealed files, requests under way, `/tmp`.
    private static let buffers = 128 << 20
    /// Heap that a model takes, in multiples of its files, as measured with ResNet-50 (102 MB): twice its variables; fifteen times a frozen graph,
    /// whose constants are parsed, copied and folded.
    private static let variableFactor = 2
    private static let graphFactor = 15
    /// TensorFlow's own heap for the smallest model.
    private static let tensorFlowBase = 64 << 20

    /// The parts by name, in bytes.
    public var parts: [Part] {
        let model = Self.tensorFlowBase + self.variables * Self.variableFactor + self.graph * Self.graphFactor
        let parts = [
            Part(name: "executable and libraries", bytes: self.code),
            Part(name: "model and TensorFlow heap", bytes: model * self.versions),
            Part(name: "\(self.threads.maxThreads) threads", bytes: self.threads.maxThreads * (Self.stack + Self.slot)),
            Part(name: "sealed files, requests, /tmp", bytes: Self.buffers),
        ]
        return parts + [Part(name: "Gramine and slack", bytes: parts.map(\.bytes).reduce(0, +) / 10)]
    }

    /// One part of the budget.
    public struct Part: Hashable, Sendable, Codable {
        /// What it is.
        public let name: String
        /// How large.
        public let bytes: Int
    }

    /// The sum of the parts.
    public var needed: MemorySize { MemorySize(bytes: self.parts.map(\.bytes).reduce(0, +)) }

    /// What to write into the manifest.
    public var enclaveSize: MemorySize { self.needed.roundedUpToPowerOfTwo }

    /// Whether less than a tenth of the enclave is left.
    public var isTight: Bool { self.needed.bytes > self.enclaveSize.bytes / 10 * 9 }

    /// Limit of a pod's or container's memory: without dynamic memory all of the enclave is taken at once, and its pages swap to charged memory.
    public var memoryLimit: MemorySize { MemorySize(bytes: self.enclaveSize.bytes + (512 << 20)) }

    /// The lines for the manifest.
    public var manifestLines: String {
        """
        sgx.enclave_size = "\(self.enclaveSize)"
        sgx.max_threads = \(self.threads.maxThreads)
        sys.stack.size = "\(MemorySize(bytes: Self.stack))"
        loader.env.SEALWRIGHT_MAX_THREADS = "\(self.threads.maxThreads)"

        """
    }
}
