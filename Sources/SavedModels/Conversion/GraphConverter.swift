// SPDX-License-Identifier: Apache-2.0

/// Makes a model of a frozen graph: keeps what the outputs need, byte for byte, and says what goes in and out.
package struct GraphConverter {
    /// The newest GraphDef version that was known when this was written (TensorFlow 2.21).
    private static let newestKnownVersion: Int32 = 2474

    /// Graphs of more nodes are not shown to TensorFlow, which takes some 3 KB for each; the largest known have a fifth of these.
    package static let maximumAskedNodes = 1 << 20

    let graph: GraphIndex
    let options: ConversionOptions
    let inference: StaticInference
    private let maximumAskedNodes: Int

    package init(_ graph: GraphIndex, options: ConversionOptions, maximumAskedNodes: Int = Self.maximumAskedNodes) {
        self.graph = graph
        self.options = options
        self.maximumAskedNodes = maximumAskedNodes
        self.inference = StaticInference(graph: graph)
    }

    /// What TensorFlow can say of a graph: types and shapes of the outputs, and which operations it has.
    package typealias Adviser = (inference: (any GraphInference)?, catalog: (any OperationCatalog)?)

    /// Converts, asking TensorFlow, where it is given, about everything that it knows.
    ///
    /// - Parameters:
    ///   - tensorFlow: tells the outputs' types and shapes; without it they come from the graph as far as it says them.
    ///   - catalog: the operations of the TensorFlow that will run the model.
    /// - Returns: the model, not yet written.
    /// - Throws: ``SavedModelError`` for whatever is wrong with the graph or the options, and what `tensorFlow` throws.
    package func convert(with tensorFlow: (any GraphInference)? = nil, catalog: (any OperationCatalog)? = nil) throws -> ConvertedModel {
        try self.convert { _ in (tensorFlow, catalog) }
    }

    /// Converts, and leaves to the caller whether TensorFlow is asked: loading it takes longer than most conversions.
    ///
    /// - Parameter adviser: makes it, once the graph is found sound; it is told whether there is anything that only TensorFlow can tell.
    /// - Returns: the model, not yet written.
    /// - Throws: as ``convert(with:catalog:)``, and what `adviser` throws.
    package func convert(advisedBy adviser: (_ isNeeded: Bool) throws -> Adviser?) throws -> ConvertedModel {
        try self.checkOptions()
        let outputs = try self.graph.resolve(self.options.outputs, as: "output")
        var edited = EditedGraph(self.graph)
        let inputs = try self.select(outputs, in: &edited)
        try self.requireUseOfTypes(inputs + outputs)
        let check = try self.check(edited, inputs: Set(inputs.map(\.node)), outputs: outputs)
        var warnings = check.warnings
        let inputInfos = try self.inputInfos(inputs)
        let opened = try self.placeInputs(inputInfos, in: &edited)
        let exact = try self.exactOutputInfos(outputs, in: edited, inputs: inputInfos)
        let isNeeded = try exact == nil || self.wantsNewReader || self.hasStrangeOperations(edited, inputs: Set(inputs.map(\.node)))
        let isAskable = edited.isKept.count { $0 } <= self.maximumAskedNodes
        let advice = isAskable ? try adviser(isNeeded) : nil
        if isNeeded, !isAskable { warnings.append(.manyNodes(limit: self.maximumAskedNodes)) }
        if let warning = try self.checkVersions(advice?.catalog) { warnings.append(warning) }
        if let catalog = advice?.catalog { try self.checkOperations(edited, inputs: Set(inputs.map(\.node)), catalog) }

        let outputInfos: [String: TensorInfo]
        if let tensorFlow = advice?.inference {
            outputInfos = try self.infer(outputs, in: edited, with: tensorFlow)
        } else if let exact {
            outputInfos = exact
        } else {
            outputInfos = try self.outputInfos(outputs, opened: !opened.isEmpty)
            let unknown = outputInfos.filter { $0.value.shape == .unknownRank }.keys.sorted()
            if !unknown.isEmpty { warnings.append(.unknownShapes(unknown)) }
        }
        if !opened.isEmpty { warnings += try self.batchWarnings(edited, opened: opened, outputs: outputInfos) }

        let reference = edited
        let folded = self.options.optimizes ? try GraphOptimizer(outputs: outputs).run(on: &edited) : 0
        let computed = edited.keptInOrder.map { edited.name(of: $0) }
        let extraction = try self.options.variableThreshold.map { threshold throws(SavedModelError) in
            try VariableExtraction(threshold: threshold).run(on: &edited)
        }
        let signature = Signature(inputs: Dictionary(uniqueKeysWithValues: inputInfos.values.map { ($0.key, $0.info) }), outputs: outputInfos)
        return try ConvertedModel(
            graph: edited, reference: reference, extraction: extraction, nodeNames: computed, foldedCount: folded, signature: signature,
            signatureKey: self.options.signatureKey, warnings: warnings)
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

    /// Fixes placeholders, finds the inputs, and drops whatever the outputs do not need with these.
    private func select(_ outputs: [SelectedTensor], in edited: inout EditedGraph) throws(SavedModelError) -> [SelectedTensor] {
        let named = try self.namedInputs()
        let nodes = Set(named.map(\.node))
        let fixed = try self.fixPlaceholders(in: &edited, inputs: nodes)
        try edited.dropUnneeded(outputs: outputs, inputs: nodes)
        for node in fixed.keys where !edited.isKept[node] {
            throw SavedModelError(
                .unusedInput, "no output needs placeholder \"\(edited.name(of: node))\"", remedy: "leave it out, or check the outputs")
        }
        if self.options.optimizes {
            try DeadBranchRemoval(outputs: outputs, values: fixed.compactMapValues { $0 }).run(on: &edited)
            try edited.dropUnneeded(outputs: outputs, inputs: nodes)
        }
        let inputs = named.isEmpty ? try self.neededPlaceholders(edited) : named
        try self.requireUse(of: inputs, edited)
        return inputs
    }

    private func namedInputs() throws(SavedModelError) -> [SelectedTensor] {
        let inputs = try self.graph.resolve(self.options.inputs, as: "input")
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

    /// Every placeholder that the outputs need, in the file's order.
    private func neededPlaceholders(_ edited: EditedGraph) throws(SavedModelError) -> [SelectedTensor] {
        let selections = self.graph.nodes.indices
            .filter { edited.isKept[$0] && edited.madeNode($0) == nil && self.graph.isPlainPlaceholder($0) }
            .map { TensorSelection(tensor: self.graph.name(of: $0)) }
        guard !selections.isEmpty else {
            throw SavedModelError(.badOption, "no inputs were named, and the outputs need no placeholder", remedy: "name the inputs")
        }
        return try self.graph.resolve(selections, as: "input")
    }

    /// Makes constants of the placeholders that the user fixed, and of Keras's learning phase where the graph is optimised.
    ///
    /// Returns those of the user, with their truth values where they are booleans.
    private func fixPlaceholders(in edited: inout EditedGraph, inputs: Set<Int>) throws(SavedModelError) -> [Int: Bool?] {
        var fixed: [Int: Bool?] = [:]
        for placeholder in self.options.fixed {
            let (node, truth) = try edited.fix(placeholder)
            guard !inputs.contains(node) else {
                throw SavedModelError(.badOption, "\"\(placeholder.name)\" is an input, so it cannot be fixed too", remedy: "leave one of them out")
            }
            guard fixed.updateValue(truth, forKey: node) == nil else {
                throw SavedModelError(.duplicateKey, "placeholder \"\(placeholder.name)\" is fixed twice")
            }
        }
        guard self.options.optimizes else { return fixed }
        for node in self.graph.nodes.indices where fixed[node] == nil && !inputs.contains(node) {
            guard try GraphOptimizer.isLearningPhase(node, in: self.graph) else { continue }
            _ = try edited.fix(PlaceholderValue(name: self.graph.name(of: node), value: "false"))
        }
        return fixed
    }

    private func requireUse(of inputs: [SelectedTensor], _ edited: EditedGraph) throws(SavedModelError) {
        for input in inputs where !edited.isKept[input.node] {
            throw SavedModelError(.unusedInput, "no output needs input \"\(input.name)\"", remedy: "leave it out, or check the outputs")
        }
    }

    private func check(_ edited: EditedGraph, inputs: Set<Int>, outputs: [SelectedTensor]) throws(SavedModelError) -> KeptNodeCheck {
        var check = try KeptNodeCheck(edited, inputs: inputs)
        for node in self.graph.nodes.indices where edited.isKept[node] { try check.check(node) }
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
        guard let catalog else { return self.wantsNewReader ? .newReader(versions.minimumConsumer) : nil }
        guard versions.minimumConsumer <= catalog.graphVersion, !versions.badConsumers.contains(catalog.graphVersion) else {
            throw SavedModelError(
                .version,
                "the graph may not be read by the installed TensorFlow (GraphDef version \(catalog.graphVersion); it wants \(versions.minimumConsumer) or newer)",
                remedy: "install a newer TensorFlow")
        }
        return nil
    }

    /// Whether the graph may only be read by a TensorFlow that is newer than this.
    private var wantsNewReader: Bool { self.graph.versions.minimumConsumer > Self.newestKnownVersion }

    /// Whether there are operations, in functions too, of which only TensorFlow can tell whether it has them.
    private func hasStrangeOperations(_ edited: EditedGraph, inputs: Set<Int>) throws(SavedModelError) -> Bool {
        let library = try FunctionLibrary(self.graph)
        let isStrange = { (operation: String) in KnownOperations.outputs(of: operation) == nil && !library.functionNames.contains(operation) }
        return library.operations.contains(where: isStrange)
            || self.graph.nodes.indices.contains { edited.isKept[$0] && !inputs.contains($0) && isStrange(self.graph.operation(of: $0)) }
    }

    private func checkOperations(_ edited: EditedGraph, inputs: Set<Int>, _ catalog: any OperationCatalog) throws(SavedModelError) {
        let library = try FunctionLibrary(self.graph)
        let isKnown = { (operation: String) in
            operation.hasPrefix("_") || library.functionNames.contains(operation) || catalog.contains(operation)
        }
        for node in self.graph.nodes.indices where edited.isKept[node] && !inputs.contains(node) {
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
