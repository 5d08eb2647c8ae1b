// SPDX-License-Identifier: Apache-2.0

/// Makes a model of a frozen graph: keeps what the outputs need, byte for byte, and says what goes in and out.
package struct GraphConverter {
    /// The newest GraphDef version that was known when this was written (TensorFlow 2.21).
    private static let newestKnownVersion: Int32 = 2474

    private let graph: GraphIndex
    private let options: ConversionOptions
    private let inference: StaticInference

    package init(_ graph: GraphIndex, options: ConversionOptions) {
        self.graph = graph
        self.options = options
        self.inference = StaticInference(graph: graph)
    }

    /// Converts.
    ///
    /// - Parameters:
    ///   - tensorFlow: tells the outputs' types and shapes; without it they come from the graph as far as it says them.
    ///   - catalog: the operations of the TensorFlow that will run the model.
    /// - Returns: the model, not yet written.
    /// - Throws: ``SavedModelError`` for whatever is wrong with the graph or the options, and what `tensorFlow` throws.
    package func convert(with tensorFlow: (any GraphInference)? = nil, catalog: (any OperationCatalog)? = nil) throws -> ConvertedModel {
        try self.checkOptions()
        let outputs = try self.graph.resolve(self.options.outputs, as: "output")
        let inputs = try self.inputs(of: outputs)
        try self.requireUseOfTypes(inputs + outputs)
        let inputNodes = Set(inputs.map(\.node))
        let reached = try Reachability(self.graph, outputs: outputs.map(\.node), inputs: inputNodes)
        try self.requireUse(of: inputs, reached)
        let check = try self.check(reached, inputs: inputNodes, outputs: outputs)
        var warnings = check.warnings
        if let warning = try self.checkVersions(catalog) { warnings.append(warning) }
        if let catalog { try self.checkOperations(reached, inputs: inputNodes, catalog) }

        let inputInfos = try self.inputInfos(inputs)
        let pieces = try self.pieces(reached, inputs: inputInfos)
        let outputInfos: [String: TensorInfo]
        if let tensorFlow {
            let hollow = try self.pieces(reached, inputs: inputInfos, isHollow: true)
            outputInfos = try self.infer(outputs, in: hollow.joined(), with: tensorFlow)
        } else {
            outputInfos = try self.outputInfos(outputs)
            let unknown = outputInfos.filter { $0.value.shape == .unknownRank }.keys.sorted()
            if !unknown.isEmpty { warnings.append(.unknownShapes(unknown)) }
        }
        let signature = Signature(inputs: Dictionary(uniqueKeysWithValues: inputInfos.values.map { ($0.key, $0.info) }), outputs: outputInfos)
        return try ConvertedModel(
            graph: pieces, nodeNames: self.graph.nodes.indices.filter { reached.isKept[$0] }.map { self.graph.name(of: $0) },
            originalNodeCount: self.graph.nodes.count, signature: signature, signatureKey: self.options.signatureKey, warnings: warnings)
    }

    private func checkOptions() throws(SavedModelError) {
        guard !self.options.outputs.isEmpty else { throw SavedModelError(.badOption, "no outputs were named", remedy: "name at least one") }
        let key = self.options.signatureKey
        // A loader would run what such a signature names, and clients could not ask for it.
        guard !key.isEmpty, !Signature.reservedKeys.contains(key) else {
            throw SavedModelError(
                .badOption, "\"\(key)\" cannot be the key of a signature for clients", remedy: "choose another, such as \(Signature.defaultKey)")
        }
    }

    /// A type for a tensor that was not named is a slip of the pen.
    private func requireUseOfTypes(_ tensors: [SelectedTensor]) throws(SavedModelError) {
        let names = Set(tensors.map(\.name))
        for name in self.options.types.keys.sorted() where !names.contains(name) && !names.contains("\(name):0") {
            throw SavedModelError(.badOption, "a type was given for \"\(name)\", which is no input and no output", remedy: "check its name")
        }
    }

    /// The inputs that were named, or else every placeholder that the outputs need, in the file's order.
    private func inputs(of outputs: [SelectedTensor]) throws(SavedModelError) -> [SelectedTensor] {
        var selections = self.options.inputs
        if selections.isEmpty {
            let reached = try Reachability(self.graph, outputs: outputs.map(\.node), inputs: [])
            selections = self.graph.nodes.indices
                .filter { reached.isKept[$0] && self.graph.isPlainPlaceholder($0) }
                .map { TensorSelection(tensor: self.graph.name(of: $0)) }
            guard !selections.isEmpty else {
                throw SavedModelError(.badOption, "no inputs were named, and the outputs need no placeholder", remedy: "name the inputs")
            }
        }
        let inputs = try self.graph.resolve(selections, as: "input")
        var nodes: Set<Int> = []
        for input in inputs {
            guard input.port == 0 else {
                throw SavedModelError(
                    .badOutputIndex, "input \"\(input.name)\": only output 0 of a node can be an input", remedy: "name the node behind it instead")
            }
            guard nodes.insert(input.node).inserted else { throw SavedModelError(.duplicateKey, "input \"\(input.name)\" is named twice") }
        }
        return inputs
    }

    private func requireUse(of inputs: [SelectedTensor], _ reached: Reachability) throws(SavedModelError) {
        for input in inputs where !reached.isKept[input.node] {
            throw SavedModelError(.unusedInput, "no output needs input \"\(input.name)\"", remedy: "leave it out, or check the outputs")
        }
    }

    private func check(_ reached: Reachability, inputs: Set<Int>, outputs: [SelectedTensor]) throws(SavedModelError) -> KeptNodeCheck {
        var check = KeptNodeCheck(self.graph, inputs: inputs)
        for node in self.graph.nodes.indices where reached.isKept[node] { try check.check(node) }
        for output in outputs { try check.requirePort(output.port, of: output.node) { "the outputs name" } }
        return check
    }

    /// A graph may forbid readers; without TensorFlow at hand only a warning can come of it.
    private func checkVersions(_ catalog: (any OperationCatalog)?) throws(SavedModelError) -> ConversionWarning? {
        let versions = self.graph.versions
        guard versions.producer >= 0, versions.minimumConsumer >= 0 else {
            throw SavedModelError(
                .version, "the graph's versions are negative: producer \(versions.producer), min_consumer \(versions.minimumConsumer)")
        }
        guard let catalog else { return versions.minimumConsumer > Self.newestKnownVersion ? .newReader(versions.minimumConsumer) : nil }
        guard versions.minimumConsumer <= catalog.graphVersion, !versions.badConsumers.contains(catalog.graphVersion) else {
            throw SavedModelError(
                .version,
                "the graph may not be read by the installed TensorFlow (GraphDef version \(catalog.graphVersion); it wants \(versions.minimumConsumer) or newer)",
                remedy: "install a newer TensorFlow")
        }
        return nil
    }

    private func checkOperations(_ reached: Reachability, inputs: Set<Int>, _ catalog: any OperationCatalog) throws(SavedModelError) {
        let library = try FunctionLibrary(self.graph)
        let isKnown = { (operation: String) in
            operation.hasPrefix("_") || library.functionNames.contains(operation) || catalog.contains(operation)
        }
        for node in self.graph.nodes.indices where reached.isKept[node] && !inputs.contains(node) {
            let operation = self.graph.operation(of: node)
            guard isKnown(operation) else { throw Self.unknownOperation(operation, "node \"\(self.graph.name(of: node))\"") }
        }
        for operation in library.operations.sorted() where !isKnown(operation) { throw Self.unknownOperation(operation, "a library function") }
    }

    private static func unknownOperation(_ operation: String, _ place: String) -> SavedModelError {
        SavedModelError(
            .unknownOperation, "the installed TensorFlow has no operation \(printable(operation)), which \(place) needs",
            remedy: "install the TensorFlow the graph was made for")
    }
}

extension GraphConverter {
    private typealias Info = (key: String, info: TensorInfo)

    /// Constants from this size on are not needed to infer shapes: what shape functions read is small.
    private static let hollowThreshold = 1 << 16

    /// Types and shapes of the inputs, by node.
    private func inputInfos(_ inputs: [SelectedTensor]) throws(SavedModelError) -> [Int: Info] {
        var infos: [Int: Info] = [:]
        for input in inputs { infos[input.node] = (input.key, try self.info(of: input)) }
        return infos
    }

    /// Types and shapes of the outputs as far as the graph tells, by key.
    private func outputInfos(_ outputs: [SelectedTensor]) throws(SavedModelError) -> [String: TensorInfo] {
        var infos: [String: TensorInfo] = [:]
        for output in outputs { infos[output.key] = try self.info(of: output) }
        return infos
    }

    private func info(of tensor: SelectedTensor) throws(SavedModelError) -> TensorInfo {
        let given = self.options.types[tensor.name] ?? (tensor.port == 0 ? self.options.types[String(tensor.name.dropLast(2))] : nil)
        guard let type = try self.inference.outputType(of: tensor.node, port: tensor.port) ?? given else {
            throw SavedModelError(
                .unknownType,
                "the element type of \"\(tensor.name)\" (\(printable(self.graph.operation(of: tensor.node)))) cannot be told from the graph alone",
                remedy: "give it (--type \(tensor.name)=DT_FLOAT), or install TensorFlow (make tensorflow)")
        }
        return try self.info(tensor, type, try self.inference.shape(of: tensor.node, port: tensor.port))
    }

    private func info(_ tensor: SelectedTensor, _ type: DataType, _ shape: TensorShape) throws(SavedModelError) -> TensorInfo {
        guard type != .invalid, type != .resource, type != .variant else {
            throw SavedModelError(
                .unknownType, "\"\(tensor.name)\" is of type \(type), which cannot enter or leave a session", remedy: "choose another tensor")
        }
        return TensorInfo(name: tensor.name, dataType: type, shape: shape)
    }

    private func infer(_ outputs: [SelectedTensor], in graph: [UInt8], with tensorFlow: any GraphInference) throws -> [String: TensorInfo] {
        let inferred = try tensorFlow.outputs(of: graph, tensors: outputs.map(\.name))
        precondition(inferred.count == outputs.count, "inference answers for each tensor")
        var infos: [String: TensorInfo] = [:]
        for (output, (type, shape)) in zip(outputs, inferred) { infos[output.key] = try self.info(output, type, shape) }
        return infos
    }

    /// The new graph: kept nodes as they are, inputs that are no plain placeholders replaced by one; then library and versions.
    ///
    /// With `isHollow`, big constants become placeholders of their type and shape, which is enough for inference.
    private func pieces(_ reached: Reachability, inputs: [Int: Info], isHollow: Bool = false) throws(SavedModelError) -> GraphPieces {
        var pieces = GraphPieces(source: self.graph.bytes)
        for node in self.graph.nodes.indices where reached.isKept[node] {
            if let input = inputs[node], !self.graph.isPlainPlaceholder(node) {
                pieces.append(new: NodeEncoding.placeholder(name: self.graph.name(of: node), type: input.info.dataType, shape: input.info.shape))
            } else if isHollow, let hollow = try self.hollow(node) {
                pieces.append(new: hollow)
            } else {
                pieces.append(self.graph.nodes[node].field)
            }
        }
        for field in self.graph.otherFields { pieces.append(field) }
        return pieces
    }

    private func hollow(_ node: Int) throws(SavedModelError) -> [UInt8]? {
        guard self.graph.nodes[node].field.range.count >= Self.hollowThreshold, self.graph.hasOperation(node, "Const"),
            let value = try self.graph.constant(node), let shape = value.shape.shape
        else { return nil }
        return NodeEncoding.placeholder(name: self.graph.name(of: node), type: value.dataType, shape: shape)
    }
}
