// SPDX-License-Identifier: Apache-2.0

/// The value of a `Const` node, measured and not decoded.
struct ConstantValue {
    private(set) var dataType = DataType.invalid
    private(set) var shape = ShapeValue()
    /// Where the raw bytes lie; empty when the values come as a typed list.
    private(set) var content: Range<Int> = 0..<0
    /// Number of values in each typed list, by field number.
    private var listCounts: [Int: Int] = [:]

    /// Where the TensorProto lies.
    let pieces: [Range<Int>]

    /// Measures a TensorProto that lies in `pieces`.
    init(_ bytes: GraphBytes, pieces: [Range<Int>]) throws(WireError) {
        self.pieces = pieces
        for piece in pieces {
            var reader = WireReader(bytes.span, in: piece)
            while let field = try reader.nextField() {
                switch field.number {
                case 1: self.dataType = DataType(rawValue: Int32(truncatingIfNeeded: try field.varint()))
                case 2: try self.shape.read(bytes, in: try field.bytes())
                case 4: self.content = try field.bytes()
                case 18: self.listCounts[18] = try field.bytes().count
                case 5...12, 13, 16, 17: self.listCounts[field.number, default: 0] += try Self.count(field, bytes)
                default: break
                }
            }
        }
    }

    private static func count(_ field: WireField, _ bytes: GraphBytes) throws(WireError) -> Int {
        let misplaced = WireError.unexpectedType(field: field.number, offset: field.range.lowerBound)
        switch (field.number, field.value) {
        case (8, .bytes): return 1
        case (5, .fixed32), (9, .fixed32), (6, .fixed64), (12, .fixed64): return 1
        case (5, .bytes(let packed)), (9, .bytes(let packed)):
            guard packed.count.isMultiple(of: 4) else { throw misplaced }
            return packed.count / 4
        case (6, .bytes(let packed)), (12, .bytes(let packed)):
            guard packed.count.isMultiple(of: 8) else { throw misplaced }
            return packed.count / 8
        case (7, .varint), (10, .varint), (11, .varint), (13, .varint), (16, .varint), (17, .varint): return 1
        case (7, .bytes(let packed)), (10, .bytes(let packed)), (11, .bytes(let packed)), (13, .bytes(let packed)), (16, .bytes(let packed)),
            (17, .bytes(let packed)):
            var list = WireReader(bytes.span, in: packed)
            var count = 0
            while !list.isAtEnd {
                _ = try list.readVarint()
                count += 1
            }
            return count
        default: throw misplaced
        }
    }

    /// What is wrong with the value, `nil` when it is sound.
    func fault(declared: DataType?, in bytes: GraphBytes) -> String? {
        guard self.dataType != .invalid else { return "its value has no type" }
        if let declared, declared != self.dataType { return "its type is \(declared), its value's type \(self.dataType)" }
        guard !self.shape.hasUnknownRank, self.shape.dimensions.allSatisfy({ $0 >= 0 }) else { return "the shape of its value is not fully known" }
        guard let count = TensorShape(self.shape.dimensions.map(Int.init)).elementCount else { return "the shape of its value is too large" }
        return self.content.isEmpty ? self.listFault(count) : self.contentFault(count, bytes)
    }

    private func contentFault(_ count: Int, _ bytes: GraphBytes) -> String? {
        if self.dataType == .string { return self.stringContentFault(count, bytes) }
        guard let size = self.dataType.elementSize else { return nil }
        let (expected, overflow) = count.multipliedReportingOverflow(by: size)
        guard !overflow, expected == self.content.count else {
            let wanted = overflow ? "more than can be" : "\(expected)"
            return "its shape and type need \(wanted) bytes, its value has \(self.content.count)"
        }
        return nil
    }

    /// Strings as raw bytes: the length of each as a varint, then all their bytes.
    private func stringContentFault(_ count: Int, _ bytes: GraphBytes) -> String? {
        var reader = WireReader(bytes.span, in: self.content)
        var total = 0
        for _ in 0..<count {
            guard let length = try? reader.readVarint(), length <= UInt64(self.content.count) else { return "its strings end too early" }
            total += Int(length)
            guard total <= self.content.count else { return "its strings end too early" }
        }
        let found = self.content.upperBound - reader.offset
        return found == total ? nil : "its \(count) strings need \(total) bytes, its value has \(found)"
    }

    /// A typed list may be short (its last value is repeated, or zero without any), never long.
    private func listFault(_ count: Int) -> String? {
        guard let (field, valuesPerElement) = Self.listField(of: self.dataType) else { return nil }
        let found = self.listCounts[field] ?? 0
        guard found.isMultiple(of: valuesPerElement) else { return "its list of complex values has an odd length" }
        return found / valuesPerElement > count ? "its shape needs \(count) values, its value has \(found / valuesPerElement)" : nil
    }

    /// Which field holds the values of the type, and how many of them make an element.
    static func listField(of type: DataType) -> (field: Int, valuesPerElement: Int)? {
        switch type {
        case .float: (5, 1)
        case .double: (6, 1)
        case .int32, .int16, .int8, .uint8, .uint16, .qint8, .quint8, .qint16, .quint16, .qint32: (7, 1)
        case .string: (8, 1)
        case .complex64: (9, 2)
        case .int64: (10, 1)
        case .bool: (11, 1)
        case .complex128: (12, 2)
        case .half, .bfloat16: (13, 1)
        case .uint32: (16, 1)
        case .uint64: (17, 1)
        case .float8E5M2, .float8E4M3FN: (18, 1)
        default: nil
        }
    }
}
