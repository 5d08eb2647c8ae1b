// SPDX-License-Identifier: Apache-2.0

/// A constant that became a variable, to be written into the checkpoint under its name.
struct ExtractedVariable: Sendable {
    let name: String
    let value: MadeConstant
}

/// Moves big constants out of a graph into variables that a checkpoint restores.
///
/// A constant `w` becomes a `ReadVariableOp` of the same name, so that nothing else changes, over a handle `w/handle`; at the end of the
/// graph stand the nodes that restore every variable when the model is loaded.
struct VariableExtraction {
    /// Types of weights.
    private static let weightTypes: Set<DataType> = [.float, .double, .half, .bfloat16]
    /// Types of look-up tables: these also hold shapes and axes, so that a table is only what is looked up.
    private static let tableTypes: Set<DataType> = [.int8, .uint8, .int32, .int64]
    private static let lookUps: Set<String> = ["Gather", "GatherV2"]

    /// Constants of so many bytes are moved.
    private let threshold: Int

    init(threshold: Int) { self.threshold = threshold }

    /// What a graph became: variables in the order of their names' bytes, and how the loader restores them.
    struct Result: Sendable {
        let variables: [ExtractedVariable]
        /// The SaverDef, a field of MetaGraphDef; empty without variables.
        let saver: [UInt8]
    }

    /// Moves the constants.
    func run(on graph: inout EditedGraph) throws(SavedModelError) -> Result {
        var handles: [(name: String, handle: Int, value: MadeConstant)] = []
        let tables = self.lookUpTables(in: graph)
        // A loop's constants belong to its frame, which a handle from outside could not enter.
        let hasLoops = graph.nodes.contains { graph.isKept[$0] && graph.hasOperation($0, "Enter") }
        for node in graph.keptInOrder {
            guard graph.mayBeConstant(node), let value = try graph.constant(node), self.isMoved(node, value, isTable: tables.contains(node)),
                !hasLoops || graph.inputs(of: node).isEmpty
            else { continue }
            let name = graph.name(of: node)
            handles.append((name, try Self.move(node, value, in: &graph), value))
        }
        guard !handles.isEmpty else { return Result(variables: [], saver: []) }
        handles.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        let saver = Self.addRestore(of: handles, to: &graph)
        return Result(variables: handles.map { ExtractedVariable(name: $0.name, value: $0.value) }, saver: saver)
    }

    private func isMoved(_ node: Int, _ value: MadeConstant, isTable: Bool) -> Bool {
        // A list that one value fills takes no room in a graph, however much it stands for.
        guard value.content.count >= max(1, self.threshold), value.content.count <= SavedModel.maximumSize || value.content.isWhole else {
            return false
        }
        return Self.weightTypes.contains(value.dataType) || isTable && Self.tableTypes.contains(value.dataType)
    }

    /// Constants that nothing but look-ups use, as what they look into.
    private func lookUpTables(in graph: EditedGraph) -> Set<Int> {
        var lookedUp: Set<Int> = []
        var used: Set<Int> = []
        for node in graph.nodes where graph.isKept[node] {
            let isLookUp = Self.lookUps.contains(graph.operation(of: node))
            for (position, edge) in graph.dataInputs(of: node).enumerated() {
                if isLookUp && position == 0 { lookedUp.insert(Int(edge.producer)) } else { used.insert(Int(edge.producer)) }
            }
        }
        return lookedUp.subtracting(used)
    }

    private static func move(_ node: Int, _ value: MadeConstant, in graph: inout EditedGraph) throws(SavedModelError) -> Int {
        let name = graph.name(of: node)
        let device = try graph.device(of: node)
        let colocation = try graph.encodedAttribute("_class", of: node)
        var handle = MadeNode(
            name: graph.freeName("\(name)/handle"), operation: "VarHandleOp", device: device,
            attributes: [
                "dtype": AttributeEncoding.type(value.dataType), "shape": AttributeEncoding.shape(value.shape),
                // A session binds handles of one shared name to one variable: it has to be unique, as node names are.
                "shared_name": AttributeEncoding.text(name),
            ])
        handle.attributes["_class"] = colocation
        let number = graph.add(handle, before: node)
        var read = MadeNode(
            name: name, operation: "ReadVariableOp",
            inputs: [EditedGraph.Edge(producer: Int32(number), port: 0)] + graph.inputs(of: node).filter(\.isControl), device: device,
            attributes: ["dtype": AttributeEncoding.type(value.dataType)])
        read.attributes["_class"] = colocation
        graph.replace(node, with: read)
        return number
    }

    /// Adds the nodes that restore the variables, and returns the SaverDef that names them.
    private static func addRestore(of variables: [(name: String, handle: Int, value: MadeConstant)], to graph: inout EditedGraph) -> [UInt8] {
        let scope = Self.freeScope(in: graph)
        let vector = TensorShape([variables.count])
        let edge = { (node: Int, port: Int) in EditedGraph.Edge(producer: Int32(node), port: Int32(port)) }
        // The loader feeds the checkpoint's path here.
        let prefix = graph.add(.strings(name: "\(scope)/Const", ["model"], shape: .scalar))
        let names = graph.add(.strings(name: "\(scope)/RestoreV2/tensor_names", variables.map(\.name), shape: vector))
        let slices = graph.add(.strings(name: "\(scope)/RestoreV2/shape_and_slices", variables.map { _ in "" }, shape: vector))
        let restore = graph.add(
            MadeNode(
                name: "\(scope)/RestoreV2", operation: "RestoreV2", inputs: [edge(prefix, 0), edge(names, 0), edge(slices, 0)],
                attributes: ["dtypes": AttributeEncoding.types(variables.map(\.value.dataType))]))
        var assignments: [EditedGraph.Edge] = []
        for (index, variable) in variables.enumerated() {
            let assignment = graph.add(
                MadeNode(
                    name: "\(scope)/AssignVariableOp" + (index == 0 ? "" : "_\(index)"), operation: "AssignVariableOp",
                    inputs: [edge(variable.handle, 0), edge(restore, index)],
                    attributes: ["dtype": AttributeEncoding.type(variable.value.dataType)]))
            assignments.append(edge(assignment, -1))
        }
        _ = graph.add(MadeNode(name: "\(scope)/restore_all", operation: "NoOp", inputs: assignments))
        var saver = WireWriter()
        saver.write(field: 3) { message in
            message.write(field: 1, text: "\(scope)/Const:0")
            message.write(field: 2, text: "\(scope)/Const:0")
            message.write(field: 3, text: "\(scope)/restore_all")
            message.write(field: 7, varint: 2)
        }
        return saver.bytes
    }

    /// `save`, or else `save_1` and so on: the first below which the graph has no names.
    private static func freeScope(in graph: EditedGraph) -> String {
        var taken: Set<String> = []
        for node in graph.nodes {
            let name = graph.name(of: node)
            guard name.hasPrefix("save") else { continue }
            taken.insert(String(name.split(separator: "/", omittingEmptySubsequences: false)[0]))
        }
        return (0...).lazy.map { $0 == 0 ? "save" : "save_\($0)" }.first { !taken.contains($0) } ?? "save"
    }
}
