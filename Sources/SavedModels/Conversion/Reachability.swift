// SPDX-License-Identifier: Apache-2.0

/// Which nodes the outputs need, stopping at the inputs.
struct Reachability {
    private let graph: EditedGraph
    private let inputs: Set<Int>
    /// Whether each node is needed.
    private(set) var isKept: [Bool]
    /// Whether the walk is still below the node: meeting it again closes a cycle.
    private var isOpen: [Bool]
    /// Nodes that are needed without being part of the walk's path.
    private var roots: [Int]

    /// Walks from `outputs` through data inputs, control inputs and colocation.
    ///
    /// - Throws: `cycle` for any but those of TF1's loops, `missing-input` for a colocation with a node that is not there.
    init(_ graph: EditedGraph, outputs: [Int], inputs: Set<Int>) throws(SavedModelError) {
        self.graph = graph
        self.inputs = inputs
        self.isKept = Array(repeating: false, count: graph.nodes.count)
        self.isOpen = self.isKept
        self.roots = outputs
        while let root = self.roots.popLast() {
            if !self.isKept[root] { try self.walk(from: root) }
        }
    }

    /// Depth first, without recursion: a chain may be as long as the graph.
    private mutating func walk(from root: Int) throws(SavedModelError) {
        var path: [(node: Int, next: Int, edges: ArraySlice<GraphIndex.Edge>)] = []
        path.append((root, 0, try self.enter(root)))
        while let top = path.last {
            guard top.next < top.edges.count else {
                self.isOpen[top.node] = false
                path.removeLast()
                continue
            }
            path[path.count - 1].next += 1
            let producer = Int(top.edges[top.edges.startIndex + top.next].producer)
            if self.isLoopBack(from: producer, to: top.node) {
                self.roots.append(producer)
            } else if self.isOpen[producer] {
                throw self.cycle(through: producer, path.map(\.node))
            } else if !self.isKept[producer] {
                path.append((producer, 0, try self.enter(producer)))
            }
        }
    }

    /// Marks a node and returns what it needs; an input needs nothing.
    private mutating func enter(_ node: Int) throws(SavedModelError) -> ArraySlice<GraphIndex.Edge> {
        self.isKept[node] = true
        self.isOpen[node] = true
        if self.inputs.contains(node) {
            // One that becomes a new placeholder has no colocation either.
            if self.graph.source.isPlainPlaceholder(node) { self.roots += try self.graph.colocated(with: node) }
            return []
        }
        self.roots += try self.graph.colocated(with: node)
        return self.graph.inputs(of: node)
    }

    /// Loops of TF1 go round through `NextIteration` into `Merge`, and only there.
    private func isLoopBack(from producer: Int, to consumer: Int) -> Bool {
        self.graph.hasOperation(producer, "NextIteration") && self.graph.hasOperation(consumer, "Merge")
    }

    private func cycle(through node: Int, _ path: [Int]) -> SavedModelError {
        let shown = 8
        let circle = path.suffix(from: path.lastIndex(of: node) ?? 0).reversed().map { self.graph.name(of: $0) }
        let names = ([self.graph.name(of: node)] + circle.prefix(shown) + (circle.count > shown ? ["..."] : [])).joined(separator: " -> ")
        return SavedModelError(.cycle, "nodes need each other in a circle: \(names)")
    }
}

extension EditedGraph {
    /// Drops every node that the outputs do not need.
    mutating func dropUnneeded(outputs: [SelectedTensor], inputs: Set<Int> = []) throws(SavedModelError) {
        self.keep(only: try Reachability(self, outputs: outputs.map(\.node), inputs: inputs).isKept)
    }
}
