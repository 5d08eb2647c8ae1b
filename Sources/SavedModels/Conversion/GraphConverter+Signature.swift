// SPDX-License-Identifier: Apache-2.0

/// Types and shapes of what goes in and out.
extension GraphConverter {
    typealias Info = (key: String, info: TensorInfo)

    /// Constants from this size on are not needed to infer shapes: what shape functions read is small.
    static let hollowThreshold = 1 << 16

    /// Types and shapes of the inputs, by node.
    func inputInfos(_ inputs: [SelectedTensor]) throws(SavedModelError) -> [Int: Info] {
        var infos: [Int: Info] = [:]
        for input in inputs {
            let info = try self.info(of: input)
            infos[input.node] = (input.key, self.options.opensBatch ? info.withOpenBatch : info)
        }
        return infos
    }

    /// Types and shapes of the outputs as far as the graph tells, by key.
    ///
    /// After a batch was opened, what the graph says of later shapes is out of date in their first dimension.
    func outputInfos(_ outputs: [SelectedTensor], opened: Bool) throws(SavedModelError) -> [String: TensorInfo] {
        var infos: [String: TensorInfo] = [:]
        for output in outputs {
            let info = try self.info(of: output)
            infos[output.key] = opened ? info.withOpenBatch : info
        }
        return infos
    }

    /// The same, exactly as TensorFlow infers it; `nil` where only TensorFlow can tell.
    func exactOutputInfos(_ outputs: [SelectedTensor], in edited: EditedGraph, inputs: [Int: Info]) throws(SavedModelError) -> [String: TensorInfo]? {
        var shapes = ShapeInference(edited, inputs: inputs.mapValues { $0.info.shape })
        var infos: [String: TensorInfo] = [:]
        for output in outputs {
            let inferred = try self.inference.outputType(of: output.node, port: output.port)
            guard let type = inputs[output.node]?.info.dataType ?? inferred,
                let shape = try shapes.shape(of: output.node, port: output.port)
            else { return nil }
            infos[output.key] = try self.info(output, type, shape)
        }
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

    /// What TensorFlow infers of the outputs, by key.
    func infer(_ outputs: [SelectedTensor], in edited: EditedGraph, with tensorFlow: any GraphInference) throws -> [String: TensorInfo] {
        let hollow = try edited.hollow(above: Self.hollowThreshold).graph
        guard hollow.count <= SavedModel.maximumSize else {
            throw SavedModelError(
                .tooLarge, "the graph has \(hollow.count) bytes without its large constants; TensorFlow reads no more than \(SavedModel.maximumSize)",
                remedy: "save the model with variables instead of freezing it")
        }
        let inferred = try tensorFlow.outputs(of: hollow.joined(), tensors: outputs.map(\.name))
        precondition(inferred.count == outputs.count, "inference answers for each tensor")
        var infos: [String: TensorInfo] = [:]
        for (output, (type, shape)) in zip(outputs, inferred) { infos[output.key] = try self.info(output, type, shape) }
        return infos
    }

    /// Puts a placeholder where an input is none, or is to be opened; returns the sizes of the batches that were opened.
    func placeInputs(_ inputs: [Int: Info], in edited: inout EditedGraph) throws(SavedModelError) -> Set<Int> {
        var opened: Set<Int> = []
        for (node, input) in inputs {
            let original = try self.inference.shape(of: node, port: 0)
            if let batch = original.dimensions?.first, original != input.info.shape { opened.insert(batch) }
            guard original != input.info.shape || !self.graph.isPlainPlaceholder(node) else { continue }
            edited.replace(node, with: .placeholder(name: self.graph.name(of: node), type: input.info.dataType, shape: input.info.shape))
        }
        return opened
    }

    /// What may still hold an old batch size after it was opened.
    func batchWarnings(_ edited: EditedGraph, opened: Set<Int>, outputs: [String: TensorInfo]) throws(SavedModelError) -> [ConversionWarning] {
        var reshapes: [String] = []
        for node in edited.nodes where edited.isKept[node] && edited.hasOperation(node, "Reshape") {
            guard let (_, shape) = edited.operands(of: node), let size = try edited.integers(shape)?.first, opened.contains(size) else { continue }
            reshapes.append(edited.name(of: node))
        }
        let fixed = outputs.filter { $0.value.shape.dimensions?.first.map { opened.contains($0) } ?? false }.keys.sorted()
        return (reshapes.isEmpty ? [] : [.fixedReshape(reshapes)]) + (fixed.isEmpty ? [] : [.fixedBatch(fixed)])
    }
}

extension TensorInfo {
    /// The same with any number of examples.
    fileprivate var withOpenBatch: TensorInfo {
        guard let dimensions = self.shape.dimensions, !dimensions.isEmpty else { return self }
        return TensorInfo(
            encoding: self.encoding, dataType: self.dataType, shape: TensorShape([TensorShape.unknownDimension] + dimensions.dropFirst()))
    }
}
