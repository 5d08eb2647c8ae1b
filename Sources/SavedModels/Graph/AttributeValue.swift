// SPDX-License-Identifier: Apache-2.0

/// The value of a node's attribute; what may be large stays where it lies.
enum AttributeValue {
    case none
    case string(Range<Int>)
    case integer(Int64)
    case float(UInt32)
    case boolean(Bool)
    case type(DataType)
    case shape(ShapeValue)
    /// The pieces of a TensorProto.
    case tensor([Range<Int>])
    /// The pieces of a list.
    case list([Range<Int>])
    /// The pieces of a function's name and attributes.
    case function([Range<Int>])
    /// A function's placeholder, which nothing here looks into.
    case other

    /// Decodes an AttrValue that lies in `pieces`.
    ///
    /// It is a one-of: its last member counts, and pieces of one message are joined.
    init(_ bytes: GraphBytes, pieces: [Range<Int>]) throws(WireError) {
        self = .none
        for piece in pieces {
            var reader = WireReader(bytes.span, in: piece)
            while let field = try reader.nextField() { try self.merge(field, bytes) }
        }
    }

    private mutating func merge(_ field: WireField, _ bytes: GraphBytes) throws(WireError) {
        switch field.number {
        case 1:
            var pieces: [Range<Int>] = []
            if case .list(let before) = self.taken() { pieces = before }
            pieces.append(try field.bytes())
            self = .list(pieces)
        case 2: self = .string(try field.bytes())
        case 3: self = .integer(Int64(bitPattern: try field.varint()))
        case 4:
            guard case .fixed32(let bits) = field.value else { throw .unexpectedType(field: 4, offset: field.range.lowerBound) }
            self = .float(bits)
        case 5: self = .boolean(try field.varint() != 0)
        case 6: self = .type(DataType(rawValue: Int32(truncatingIfNeeded: try field.varint())))
        case 7:
            var shape = ShapeValue()
            if case .shape(let before) = self.taken() { shape = before }
            try shape.read(bytes, in: try field.bytes())
            self = .shape(shape)
        case 8:
            var pieces: [Range<Int>] = []
            if case .tensor(let before) = self.taken() { pieces = before }
            pieces.append(try field.bytes())
            self = .tensor(pieces)
        case 9:
            _ = try field.bytes()
            self = .other
        case 10:
            var pieces: [Range<Int>] = []
            if case .function(let before) = self.taken() { pieces = before }
            pieces.append(try field.bytes())
            self = .function(pieces)
        default: break
        }
    }

    /// Takes the value out, so that what it holds is not copied when it grows: a hostile value comes in millions of pieces.
    private mutating func taken() -> AttributeValue {
        let value = consume self
        self = .none
        return value
    }

    /// The name of the function that the value is, `nil` for other values.
    func functionName(_ bytes: GraphBytes) throws(WireError) -> String? {
        guard case .function(let pieces) = self else { return nil }
        var name = ""
        for piece in pieces {
            var reader = WireReader(bytes.span, in: piece)
            while let field = try reader.nextField() {
                if field.number == 1 { name = try bytes.text(in: try field.bytes()) }
            }
        }
        return name
    }

    /// The members of a list that are strings (field 2), integers (3), types (6) or shapes (7); empty for other values.
    struct Members {
        var strings: [Range<Int>] = []
        var integers: [Int64] = []
        var types: [DataType] = []
        var shapes: [ShapeValue] = []
    }

    /// Decodes the members of a list.
    func members(_ bytes: GraphBytes) throws(WireError) -> Members {
        var members = Members()
        guard case .list(let pieces) = self else { return members }
        for piece in pieces {
            var reader = WireReader(bytes.span, in: piece)
            while let field = try reader.nextField() {
                switch (field.number, field.value) {
                case (2, _): members.strings.append(try field.bytes())
                case (3, .bytes(let packed)):
                    var list = WireReader(bytes.span, in: packed)
                    while !list.isAtEnd { members.integers.append(Int64(bitPattern: try list.readVarint())) }
                case (3, _): members.integers.append(Int64(bitPattern: try field.varint()))
                case (6, .bytes(let packed)):
                    var list = WireReader(bytes.span, in: packed)
                    while !list.isAtEnd { members.types.append(DataType(rawValue: Int32(truncatingIfNeeded: try list.readVarint()))) }
                case (6, _): members.types.append(DataType(rawValue: Int32(truncatingIfNeeded: try field.varint())))
                case (7, _):
                    var shape = ShapeValue()
                    try shape.read(bytes, in: try field.bytes())
                    members.shapes.append(shape)
                default: break
                }
            }
        }
        return members
    }
}
