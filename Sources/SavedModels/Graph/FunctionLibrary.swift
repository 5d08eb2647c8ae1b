// SPDX-License-Identifier: Apache-2.0

/// The functions that a graph carries: their names, and the operations in their bodies.
struct FunctionLibrary {
    private(set) var functionNames: Set<String> = []
    /// How many nodes of the bodies have each operation.
    private(set) var operationCounts: [String: Int] = [:]
    var operations: Set<String> { Set(self.operationCounts.keys) }

    init(_ graph: GraphIndex) throws(SavedModelError) {
        do {
            for library in graph.library { try self.readLibrary(graph.bytes, in: library.range) }
        } catch {
            throw SavedModelError(.notAGraph, "not a GraphDef: its function library cannot be decoded: \(error)")
        }
    }

    private mutating func readLibrary(_ bytes: GraphBytes, in range: Range<Int>) throws(WireError) {
        var reader = WireReader(bytes.span, in: range)
        while let field = try reader.nextField() {
            if field.number == 1 { try self.readFunction(bytes, in: try field.bytes()) }
        }
    }

    private mutating func readFunction(_ bytes: GraphBytes, in range: Range<Int>) throws(WireError) {
        var reader = WireReader(bytes.span, in: range)
        while let field = try reader.nextField() {
            switch field.number {
            case 1: if let name = try Self.lastText(1, bytes, in: try field.bytes()) { self.functionNames.insert(name) }
            case 3: if let operation = try Self.lastText(2, bytes, in: try field.bytes()) { self.operationCounts[operation, default: 0] += 1 }
            default: break
            }
        }
    }

    private static func lastText(_ number: Int, _ bytes: GraphBytes, in range: Range<Int>) throws(WireError) -> String? {
        var text: String?
        var reader = WireReader(bytes.span, in: range)
        while let field = try reader.nextField() {
            if field.number == number { text = try bytes.text(in: try field.bytes()) }
        }
        return text
    }
}
