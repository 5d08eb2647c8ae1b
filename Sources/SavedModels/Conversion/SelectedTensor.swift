// SPDX-License-Identifier: Apache-2.0

/// A tensor that was selected, found in the graph.
struct SelectedTensor: Hashable {
    let key: String
    let node: Int
    let port: Int
    /// Name with port, as signatures have it.
    let name: String
}

extension GraphIndex {
    /// Finds what the user named.
    ///
    /// - Throws: `no-such-node` with the near names, `duplicate-key`, or `bad-option` for an empty or control name.
    func resolve(_ selections: [TensorSelection], as role: String) throws(SavedModelError) -> [SelectedTensor] {
        var found: [SelectedTensor] = []
        var names: [String: String] = [:]
        for selection in selections {
            let tensor = try self.resolve(selection, as: role)
            if let twin = names.updateValue(tensor.name, forKey: tensor.key) {
                throw SavedModelError(
                    .duplicateKey, "two \(role)s have the key \"\(tensor.key)\": \(twin) and \(tensor.name)",
                    remedy: "give one of them another key: KEY=TENSOR")
            }
            found.append(tensor)
        }
        return found
    }

    private func resolve(_ selection: TensorSelection, as role: String) throws(SavedModelError) -> SelectedTensor {
        let text = Array(selection.tensor.utf8)
        let reference = TensorReference(text[...])
        guard let port = reference.port, !reference.node.isEmpty, selection.key?.isEmpty != true else {
            throw SavedModelError(
                .badOption, "\"\(selection.key.map { $0 + "=" } ?? "")\(selection.tensor)\" names no tensor",
                remedy: "give NODE, NODE:PORT or KEY=NODE:PORT")
        }
        // Whole, not as in a message: it goes into the signature.
        let name = String(decoding: reference.node, as: UTF8.self)
        guard let node = self.node(named: reference.node) else {
            let near = NearNames.nearest(to: name, among: self.nodes.indices.lazy.map { self.name(of: $0) })
            throw SavedModelError(
                .noSuchNode, "\(role) \"\(selection.tensor)\": the graph has no node \"\(name)\"",
                remedy: near.isEmpty
                    ? "check the name against the graph's \(self.nodes.count) nodes" : "did you mean \(near.joined(separator: ", "))?")
        }
        let key = selection.key ?? (port == 0 ? name : "\(name)_\(port)")
        return SelectedTensor(key: key, node: node, port: port, name: "\(name):\(port)")
    }
}
