// SPDX-License-Identifier: Apache-2.0

extension ConstantValue {
    /// The elements as they lie in memory, little-endian; `nil` for types without a fixed size and for values that are not sound.
    ///
    /// A typed list may be shorter than the shape: then its last value is repeated.
    func elements(in bytes: GraphBytes) throws(WireError) -> TensorContent? {
        guard let size = self.dataType.elementSize, let count = self.shape.shape?.elementCount else { return nil }
        let (total, overflow) = count.multipliedReportingOverflow(by: size)
        guard !overflow else { return nil }
        guard self.content.isEmpty else { return self.content.count == total ? TensorContent(original: self.content) : nil }
        var list = TypedList(size: size)
        for piece in self.pieces { try list.read(self.dataType, bytes, in: piece) }
        guard list.bytes.count <= total, list.bytes.count.isMultiple(of: size) else { return nil }
        return TensorContent(list.bytes, elementSize: size, count: total)
    }
}

/// Values of a TensorProto's typed list, gathered as they lie in a tensor's memory.
private struct TypedList {
    /// Bytes of an element, of which a complex one has two values.
    let size: Int
    private(set) var bytes: [UInt8] = []

    init(size: Int) { self.size = size }

    mutating func read(_ type: DataType, _ source: GraphBytes, in range: Range<Int>) throws(WireError) {
        guard let number = ConstantValue.listField(of: type)?.field else { return }
        var reader = WireReader(source.span, in: range)
        while let field = try reader.nextField() {
            guard field.number == number else { continue }
            switch field.value {
            case .fixed32(let bits): self.append(UInt64(bits), width: 4)
            case .fixed64(let bits): self.append(bits, width: 8)
            case .varint(let value): self.append(value, width: self.size)
            // Floats, doubles and the bytes of an 8-bit float are packed as they lie in memory.
            case .bytes(let packed) where [5, 6, 9, 12, 18].contains(number): self.bytes += source[packed]
            case .bytes(let packed):
                var list = WireReader(source.span, in: packed)
                while !list.isAtEnd { self.append(try list.readVarint(), width: self.size) }
            }
        }
    }

    private mutating func append(_ value: UInt64, width: Int) {
        for byte in 0..<width { self.bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(byte * 8))) }
    }
}
