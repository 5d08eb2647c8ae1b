// SPDX-License-Identifier: Apache-2.0

/// The outermost fields of a GraphDef.
struct GraphOutline {
    private(set) var nodes = GraphNodeScan()
    private(set) var versions = GraphVersions()
    private(set) var otherFields: [ByteRange] = []
    private(set) var library: [ByteRange] = []
    /// Whether there are fields that no GraphDef has.
    private(set) var hasUnknownFields = false

    init(_ bytes: GraphBytes) throws(WireError) {
        self.nodes.reserve(try Self.nodeCount(bytes))
        var reader = WireReader(bytes.span, in: 0..<bytes.count)
        while let field = try reader.nextField() {
            switch field.number {
            case 1:
                try self.nodes.append(bytes, field: field.range, body: try field.bytes())
                if self.nodes.isFull { return }
            case 2:
                self.library.append(ByteRange(try field.bytes()))
                self.otherFields.append(ByteRange(field.range))
            case 3:
                _ = try field.varint()
                self.otherFields.append(ByteRange(field.range))
            case 4:
                try self.versions.read(bytes, in: try field.bytes())
                self.otherFields.append(ByteRange(field.range))
            case 5: _ = try field.bytes()  // Debug information of the program that built the graph: of no use to a server.
            default: self.hasUnknownFields = true
            }
        }
    }

    /// Counted first, so that a list of millions of nodes takes its room once.
    private static func nodeCount(_ bytes: GraphBytes) throws(WireError) -> Int {
        var count = 0
        var reader = WireReader(bytes.span, in: 0..<bytes.count)
        while let field = try reader.nextField() {
            if field.number == 1 { count += 1 }
        }
        return count
    }
}
