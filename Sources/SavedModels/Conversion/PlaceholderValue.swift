// SPDX-License-Identifier: Apache-2.0

/// A value that the user gives a placeholder for good: `training=false`.
public struct PlaceholderValue: Hashable, Sendable {
    /// The placeholder's name, with or without `:0`.
    public let name: String
    /// A number, or `true` or `false`.
    public let value: String

    /// Fixes a placeholder.
    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }

    /// Reads `NAME=VALUE`.
    ///
    /// - Throws: ``SavedModelError`` `bad-option` for anything else.
    public init(parsing text: String) throws(SavedModelError) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
            throw SavedModelError(.badOption, "\"\(text)\" is not NAME=VALUE", remedy: "write for instance training=false")
        }
        self.init(name: String(parts[0]), value: String(parts[1]))
    }

    /// The truth value, where it is one.
    var truth: Bool? {
        switch self.value.lowercased() {
        case "true", "1": true
        case "false", "0": false
        default: nil
        }
    }

    /// The value as a scalar of that type; `nil` if it is none or the type holds no numbers.
    func constant(of type: DataType) -> MadeConstant? {
        guard let bytes = self.bytes(of: type) else { return nil }
        return MadeConstant(dataType: type, shape: .scalar, content: TensorContent(bytes, elementSize: bytes.count, count: bytes.count))
    }

    private func bytes(of type: DataType) -> [UInt8]? {
        switch type {
        case .bool: self.truth.map { [$0 ? 1 : 0] }
        case .float: Float(self.value).map { Self.littleEndian($0.bitPattern) }
        case .double: Double(self.value).map { Self.littleEndian($0.bitPattern) }
        case .int8: Int8(self.value).map { Self.littleEndian($0) }
        case .int16: Int16(self.value).map { Self.littleEndian($0) }
        case .int32: Int32(self.value).map { Self.littleEndian($0) }
        case .int64: Int64(self.value).map { Self.littleEndian($0) }
        case .uint8: UInt8(self.value).map { Self.littleEndian($0) }
        case .uint16: UInt16(self.value).map { Self.littleEndian($0) }
        case .uint32: UInt32(self.value).map { Self.littleEndian($0) }
        case .uint64: UInt64(self.value).map { Self.littleEndian($0) }
        default: nil
        }
    }

    private static func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
        (0..<(value.bitWidth / 8)).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }
}

extension EditedGraph {
    /// Makes the placeholder a constant; returns its node and, for a boolean, its truth value.
    mutating func fix(_ placeholder: PlaceholderValue) throws(SavedModelError) -> (node: Int, truth: Bool?) {
        let reference = TensorReference(Array(placeholder.name.utf8)[...])
        guard reference.port == 0, let node = self.source.node(named: reference.node) else {
            let near = NearNames.nearest(to: placeholder.name, among: self.source.placeholderNames)
            throw SavedModelError(
                .noSuchNode, "the graph has no placeholder \"\(printable(placeholder.name))\" that could be fixed",
                remedy: near.isEmpty ? "check the name" : "did you mean \(near.joined(separator: ", "))?")
        }
        guard self.source.isPlaceholder(node), case .type(let type)? = try self.source.attribute("dtype", of: node) else {
            throw SavedModelError(
                .badOption, "\"\(placeholder.name)\" is a \(printable(self.source.operation(of: node))), which takes no value",
                remedy: "only placeholders can be fixed")
        }
        if case .shape(let shape)? = try self.source.attribute("shape", of: node), !shape.dimensions.isEmpty {
            throw SavedModelError(.badOption, "\"\(placeholder.name)\" is no scalar, and only those can be fixed", remedy: "make it an input")
        }
        guard let constant = placeholder.constant(of: type) else {
            throw SavedModelError(
                .badOption, "\"\(printable(placeholder.value))\" is no value for \"\(placeholder.name)\", which is of type \(type)",
                remedy: type == .bool ? "give true or false" : "give a number of that type")
        }
        self.replace(node, with: .constant(name: self.name(of: node), constant))
        return (node, type == .bool ? placeholder.truth : nil)
    }
}

extension GraphIndex {
    /// Whether the node takes a value from outside.
    func isPlaceholder(_ node: Int) -> Bool {
        self.hasOperation(node, "Placeholder") || self.hasOperation(node, "PlaceholderWithDefault") || self.hasOperation(node, "PlaceholderV2")
    }

    /// Names of the nodes that take values from outside.
    var placeholderNames: [String] { self.nodes.indices.filter { self.isPlaceholder($0) }.map { self.name(of: $0) } }
}
