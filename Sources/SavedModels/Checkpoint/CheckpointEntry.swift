// SPDX-License-Identifier: Apache-2.0

/// Where a tensor lies in a checkpoint's data files (BundleEntryProto).
struct CheckpointEntry: Hashable, Sendable {
    private(set) var dataType = DataType.invalid
    private(set) var shape = TensorShape.scalar
    /// Number of the data file.
    private(set) var shard = 0
    private(set) var offset = 0
    /// Size in bytes.
    private(set) var size = 0
    /// CRC-32C of the bytes, masked.
    private(set) var checksum: UInt32 = 0
    /// Whether the tensor is kept in slices, as a partitioned variable's is.
    private(set) var hasSlices = false

    init(dataType: DataType, shape: TensorShape, offset: Int, size: Int, checksum: UInt32) {
        self.dataType = dataType
        self.shape = shape
        self.offset = offset
        self.size = size
        self.checksum = checksum
    }

    /// Reads the message.
    init(decoding bytes: [UInt8]) throws(WireError) {
        var shape = ShapeValue()
        var reader = WireReader(bytes.span, in: bytes.indices)
        while let field = try reader.nextField() {
            switch (field.number, field.value) {
            case (1, _): self.dataType = DataType(rawValue: Int32(truncatingIfNeeded: try field.varint()))
            case (2, _): try shape.read(GraphBytes(bytes), in: try field.bytes())
            case (3, _): self.shard = Int(Int64(bitPattern: try field.varint()))
            case (4, _): self.offset = Int(Int64(bitPattern: try field.varint()))
            case (5, _): self.size = Int(Int64(bitPattern: try field.varint()))
            case (6, .fixed32(let checksum)): self.checksum = checksum
            case (7, _): self.hasSlices = true
            default: break
            }
        }
        self.shape = shape.shape ?? .unknownRank
    }

    /// Whether there are as many bytes as the type and shape make; true for types without a fixed size.
    var hasFittingSize: Bool {
        guard let elementSize = self.dataType.elementSize else { return true }
        guard let count = self.shape.elementCount else { return false }
        let (expected, overflow) = count.multipliedReportingOverflow(by: elementSize)
        return !overflow && expected == self.size
    }

    /// The message, fields ascending and zeros left out, as TensorFlow writes it.
    func encode() -> [UInt8] {
        var writer = WireWriter()
        writer.write(field: 1, varint: UInt64(UInt32(bitPattern: self.dataType.rawValue)))
        writer.write(field: 2) { AttributeEncoding.write(self.shape, to: &$0) }
        for (field, value) in [(3, self.shard), (4, self.offset), (5, self.size)] where value != 0 {
            writer.write(field: field, varint: UInt64(value))
        }
        if self.checksum != 0 { writer.write(field: 6, fixed32: self.checksum) }
        return writer.bytes
    }
}
