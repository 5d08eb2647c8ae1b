// SPDX-License-Identifier: Apache-2.0

/// Everything that can be told of a version of a model without running it; its properties are the keys of the JSON form.
public struct ModelInspection: Encodable, Hashable, Sendable {
    /// How much memory a server of the model will need, with one request under way; measured on models of every kind.
    public struct Memory: Codable, Hashable, Sendable {
        /// TensorFlow's own libraries.
        static let libraries = 284_000_000

        /// For models that look things up.
        public let lowestBytes: Int
        /// For convolutions.
        public let highestBytes: Int
    }

    /// The signatures and sizes.
    public let model: ModelDescription
    /// The graph.
    public let graph: GraphFacts
    /// The checkpoint; absent when the model has none.
    public let variables: VariableFacts?
    /// Numbers in constants and variables that may be weights.
    public let parameters: Int
    /// The largest constants and variables.
    public let largestTensors: [GraphFacts.LargeTensor]
    /// How much memory it will need.
    public let memory: Memory
    /// The version of TensorFlow that was asked, and the operations that it does not know; absent where it is not installed.
    public let tensorFlow: KnownByTensorFlow?

    /// What an installed TensorFlow says of a model.
    public struct KnownByTensorFlow: Codable, Hashable, Sendable {
        /// Its version.
        public let version: String
        /// Operations that the model needs and it does not have.
        public let missingOperations: [String]
        /// Operations that it refuses in graphs as new as this one.
        public let refusedOperations: [String]
        /// Operations that it has and cannot compute on a processor.
        public let operationsWithoutKernel: [String]
    }
}

extension ModelInspection {
    /// Inspects the model in a version's folder.
    ///
    /// `tensorFlow`: version and operations of the installed TensorFlow.
    ///
    /// - Throws: ``SavedModelError`` when the model or its checkpoint cannot be read, `bad-checkpoint` also when the graph has variables and the
    ///   folder has no checkpoint; or a file error.
    package init(_ folder: SavedModelFolder, tensorFlow: (version: String, operations: any OperationCatalog)? = nil) throws {
        let contents = try folder.readWithGraph()
        let graph = try GraphFacts(graph: contents.graph)
        let prefix = "\(folder.path)/variables/variables"
        let needsVariables = graph.operations.contains { ["VarHandleOp", "VariableV2", "Variable"].contains($0.operation) }
        let variables = try folder.hasCheckpoint ? VariableFacts(try Checkpoint(prefix: prefix)) : nil
        guard variables != nil || !needsVariables else {
            throw SavedModelError(
                .badCheckpoint, "the model in \(folder.path) has variables, but there is no \(prefix).index",
                remedy: "copy the model again from its source, with its folder variables/")
        }
        self.model = ModelDescription(contents.model, folder: folder)
        self.graph = graph
        self.variables = variables
        self.parameters = graph.constantParameters + (variables?.parameters ?? 0)
        self.largestTensors = GraphFacts.largest(graph.largestConstants + (variables?.largest ?? []))
        self.memory = Memory(constantBytes: graph.constantBytes, variableBytes: variables?.bytes ?? 0)
        let functions = try FunctionLibrary(GraphIndex(decoding: contents.graph)).functionNames
        self.tensorFlow = try tensorFlow.map { try KnownByTensorFlow(graph, functions: functions, version: $0.version, $0.operations) }
    }
}

extension ModelInspection.KnownByTensorFlow {
    /// Asks for every operation of the graph but its own functions and what begins with `_`, which is internal.
    init(_ graph: GraphFacts, functions: Set<String>, version: String, _ catalog: any OperationCatalog) throws {
        let asked = graph.operations.map(\.operation).filter { !$0.hasPrefix("_") && !functions.contains($0) }.sorted()
        let known = asked.filter { catalog.contains($0) }
        self.version = version
        self.missingOperations = asked.filter { !catalog.contains($0) }
        self.refusedOperations = known.filter { operation in catalog.refusedVersion(of: operation).map { graph.producer >= Int($0) } ?? false }
        self.operationsWithoutKernel = try known.filter { try !catalog.hasKernel(of: $0) }
    }
}

extension ModelInspection.Memory {
    /// A frozen graph takes 5 times its constants where they are looked up and 13 times where they are convolved; variables 1.1 times, or 2.5
    /// where oneDNN keeps a second copy of them.
    init(constantBytes: Int, variableBytes: Int) {
        self.lowestBytes = Int(clamping: Int64(Double(Self.libraries) + min(1e18, Double(constantBytes) * 5 + Double(variableBytes) * 1.1)))
        self.highestBytes = Int(clamping: Int64(Double(Self.libraries) + min(1e18, Double(constantBytes) * 13 + Double(variableBytes) * 2.5)))
    }
}

extension ModelInspection {
    private enum CodingKeys: String, CodingKey {
        case graph, variables, parameters, largestTensors, memory, tensorFlow
    }

    /// Writes the description's properties beside its own.
    public func encode(to encoder: any Encoder) throws {
        try self.model.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(self.graph, forKey: .graph)
        try container.encodeIfPresent(self.variables, forKey: .variables)
        try container.encode(self.parameters, forKey: .parameters)
        try container.encode(self.largestTensors, forKey: .largestTensors)
        try container.encode(self.memory, forKey: .memory)
        try container.encodeIfPresent(self.tensorFlow, forKey: .tensorFlow)
    }
}
