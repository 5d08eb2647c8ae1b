// SPDX-License-Identifier: Apache-2.0

extension ModelDescription: CustomStringConvertible {
    /// For people: a line for each fact, signatures and tensors in the order of their keys' bytes.
    public var description: String {
        var lines = [self.folder + (self.version.map { " (version \($0))" } ?? "")]
        lines.append("  tags: \(self.tags.joined(separator: ", "))")
        lines.append("  size: \(self.folderBytes) bytes (\(SavedModelFolder.modelFileName) \(self.modelBytes), its graph \(self.graphBytes))")
        lines.append("  variables: \(self.hasVariables ? "restored when loaded" : "none")")
        if !self.assets.isEmpty { lines.append("  assets: \(self.assets.joined(separator: ", "))") }
        if let version = self.tensorFlowVersion { lines.append("  written by: TensorFlow \(version)") }
        for (key, signature) in Self.ordered(self.signatures) { lines += Self.lines(key, signature) }
        // The texts are those of a file that anybody may have made.
        return lines.map { printable($0) }.joined(separator: "\n")
    }

    private static func lines(_ key: String, _ signature: SignatureEntry) -> [String] {
        var rows: [[String]] = []
        for (name, tensor) in Self.ordered(signature.inputs) {
            rows.append(["input", name, tensor.dtype, tensor.shapeText, tensor.tensors.joined(separator: ", ")])
            if signature.optionalInputs.contains(name) { rows[rows.count - 1][4] += " (may be left out)" }
        }
        for (name, tensor) in Self.ordered(signature.outputs) {
            rows.append(["output", name, tensor.dtype, tensor.shapeText, tensor.tensors.joined(separator: ", ")])
        }
        return ["  signature \(key): \(signature.method.isEmpty ? "(no method)" : signature.method)"] + Self.table(rows)
    }

    /// A longer cell pushes its row to the right, and not every row.
    private static let widestColumn = 60

    /// Rows with columns of equal width.
    private static func table(_ rows: [[String]]) -> [String] {
        guard let first = rows.first else { return [] }
        let widths = first.indices.map { column in min(Self.widestColumn, rows.map { $0[column].count }.max() ?? 0) }
        return rows.map { row in
            let cells = zip(row, widths).map { cell, width in cell + String(repeating: " ", count: max(0, width - cell.count)) }
            return "    " + String(cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
        }
    }

    private static func ordered<Value>(_ entries: [String: Value]) -> [(key: String, value: Value)] {
        entries.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    }
}

extension ModelDescription.Tensor {
    fileprivate var shapeText: String { (self.shape.map { TensorShape($0) } ?? .unknownRank).description }
}
