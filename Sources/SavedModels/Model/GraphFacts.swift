// SPDX-License-Identifier: Apache-2.0

/// What `model show` tells of a model's graph; its properties are the keys of the JSON form.
public struct GraphFacts: Codable, Hashable, Sendable {
    /// An operation and how many nodes have it.
    public struct OperationCount: Codable, Hashable, Sendable {
        /// Name of the operation.
        public let operation: String
        /// Number of nodes, those in functions too.
        public let count: Int
    }

    /// A constant or a variable.
    public struct LargeTensor: Codable, Hashable, Sendable {
        /// Its name in the graph or the checkpoint.
        public let name: String
        /// TensorFlow's name of the element type.
        public let dtype: String
        /// Sizes of the dimensions.
        public let shape: [Int]
        /// Size in bytes.
        public let bytes: Int
        /// Whether it is a variable.
        public let isVariable: Bool
    }

    /// Number of nodes, without those in functions.
    public let nodes: Int
    /// Number of functions.
    public let functions: Int
    /// GraphDef version of the TensorFlow that wrote the graph.
    public let producer: Int
    /// Operations by count, then by name.
    public let operations: [OperationCount]
    /// Numbers in the constants that may be weights: floats of any kind.
    public let constantParameters: Int
    /// Bytes of all constants.
    public let constantBytes: Int
    /// The largest constants.
    public let largestConstants: [LargeTensor]
    /// Devices that nodes are pinned to.
    public let devices: [String]
    /// Placeholders that keep a default unless they are fed.
    public let openPlaceholders: [String]
    /// Nodes that answer differently each time.
    public let randomNodes: [String]

    /// How many tensors are listed as large.
    static let listedTensors = 20
    static let parameterTypes: Set<DataType> = [.float, .double, .half, .bfloat16, .qint8, .quint8, .qint32]
}

extension GraphFacts {
    /// Looks through a serialized graph.
    ///
    /// - Throws: what ``GraphIndex/init(decoding:)`` throws.
    init(graph bytes: [UInt8]) throws(SavedModelError) {
        let graph = try GraphIndex(decoding: bytes)
        let library = try FunctionLibrary(graph)
        var counts = library.operationCounts
        var constants: [LargeTensor] = []
        var parameters = 0
        var devices: Set<String> = []
        var open: [String] = []
        var random: [String] = []
        for node in graph.nodes.indices {
            let operation = graph.operation(of: node)
            counts[operation, default: 0] += 1
            let device = try graph.device(of: node)
            if !device.isEmpty { devices.insert(String(decoding: graph.bytes[device.range], as: UTF8.self)) }
            if operation == "PlaceholderWithDefault" { open.append(graph.name(of: node)) }
            if KnownOperations.random.contains(operation) { random.append(graph.name(of: node)) }
            guard operation == "Const", let value = try graph.constant(node), let shape = value.shape.shape, let count = shape.elementCount else {
                continue
            }
            if Self.parameterTypes.contains(value.dataType) { parameters += count }
            let (size, overflow) = count.multipliedReportingOverflow(by: value.dataType.elementSize ?? 0)
            constants.append(
                LargeTensor(
                    name: graph.name(of: node), dtype: value.dataType.name, shape: shape.dimensions ?? [], bytes: overflow ? Int.max : size,
                    isVariable: false))
        }
        self.nodes = graph.nodes.count
        self.functions = library.functionNames.count
        self.producer = Int(graph.versions.producer)
        self.operations = counts.map { OperationCount(operation: $0, count: $1) }.sorted { ($1.count, $0.operation) < ($0.count, $1.operation) }
        self.constantParameters = parameters
        self.constantBytes = constants.reduce(0) { $0.addingReportingOverflow($1.bytes).partialValue }
        self.largestConstants = Self.largest(constants)
        self.devices = devices.sorted()
        self.openPlaceholders = open
        self.randomNodes = random
    }

    /// The largest, by size, then by name.
    static func largest(_ tensors: [LargeTensor]) -> [LargeTensor] {
        Array(tensors.sorted { ($1.bytes, $0.name) < ($0.bytes, $1.name) }.prefix(Self.listedTensors))
    }
}
