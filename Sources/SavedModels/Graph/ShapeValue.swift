// SPDX-License-Identifier: Apache-2.0

/// A TensorShapeProto as the graph has it, not yet checked.
struct ShapeValue: Hashable {
    private(set) var dimensions: [Int64] = []
    private(set) var hasUnknownRank = false

    /// Reads a piece of the message; dimensions of several pieces follow each other.
    mutating func read(_ bytes: GraphBytes, in range: Range<Int>) throws(WireError) {
        var reader = WireReader(bytes.span, in: range)
        while let field = try reader.nextField() {
            switch field.number {
            case 2: self.dimensions.append(try Self.size(bytes, in: try field.bytes()))
            case 3: self.hasUnknownRank = try field.varint() != 0
            default: break
            }
        }
    }

    private static func size(_ bytes: GraphBytes, in range: Range<Int>) throws(WireError) -> Int64 {
        var size: Int64 = 0
        var reader = WireReader(bytes.span, in: range)
        while let field = try reader.nextField() {
            if field.number == 1 { size = Int64(bitPattern: try field.varint()) }
        }
        return size
    }

    /// The shape of a tensor that need not be known, `nil` if a size is below -1.
    var shape: TensorShape? {
        if self.hasUnknownRank { return .unknownRank }
        return self.dimensions.allSatisfy { $0 >= -1 } ? TensorShape(self.dimensions.map(Int.init)) : nil
    }
}
