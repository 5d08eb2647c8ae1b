// SPDX-License-Identifier: Apache-2.0

/// The versions of a graph: what wrote it and what may read it.
struct GraphVersions: Hashable, Sendable {
    /// GraphDef version of the TensorFlow that wrote it; it decides how old operations behave.
    private(set) var producer: Int32 = 0
    /// Oldest GraphDef version that may read it.
    private(set) var minimumConsumer: Int32 = 0
    /// GraphDef versions that may not read it.
    private(set) var badConsumers: [Int32] = []

    /// Reads a piece of a VersionDef; later pieces win, lists grow.
    mutating func read(_ bytes: GraphBytes, in range: Range<Int>) throws(WireError) {
        var reader = WireReader(bytes.span, in: range)
        while let field = try reader.nextField() {
            switch (field.number, field.value) {
            case (1, _): self.producer = Int32(truncatingIfNeeded: try field.varint())
            case (2, _): self.minimumConsumer = Int32(truncatingIfNeeded: try field.varint())
            case (3, .bytes(let packed)):
                var list = WireReader(bytes.span, in: packed)
                while !list.isAtEnd { self.badConsumers.append(Int32(truncatingIfNeeded: try list.readVarint())) }
            case (3, _): self.badConsumers.append(Int32(truncatingIfNeeded: try field.varint()))
            default: break
            }
        }
    }
}
