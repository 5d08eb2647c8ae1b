// SPDX-License-Identifier: Apache-2.0

import ByteCoding

/// Why a CBOR item could not be read.
enum CBORError: Error, Hashable, Sendable {
    /// The item ends early, or bytes are left over.
    case bytes(ByteReaderError)
    /// The item is of another kind than the format asks for here.
    case unexpectedItem(offset: Int, wanted: CBORMajorType, found: UInt8)
    /// A length or number is not in the shortest form, or of indefinite length.
    case notShortestForm(offset: Int)
    /// Text that is not UTF-8.
    case invalidText(offset: Int)
    /// More elements or deeper nesting than ``CBORReader`` takes.
    case tooLarge(offset: Int)
}

extension CBORError: CustomStringConvertible {
    var description: String {
        switch self {
        case .bytes(let error): "\(error)"
        case .unexpectedItem(let offset, let wanted, let found): "\(wanted) wanted at offset \(offset), found initial byte 0x\([found].hexString)"
        case .notShortestForm(let offset): "length at offset \(offset) is indefinite or not in its shortest form"
        case .invalidText(let offset): "text at offset \(offset) is not UTF-8"
        case .tooLarge(let offset): "item at offset \(offset) has too many elements or is nested too deeply"
        }
    }
}

/// The major types of RFC 8949 section 3.1.
enum CBORMajorType: UInt8, Hashable, Sendable {
    case unsigned, negative, byteString, textString, array, map, tag, simple
}

/// Reads the part of CBOR (RFC 8949) that evidence uses: definite lengths in their shortest form, front to back.
struct CBORReader: ~Escapable {
    /// Most elements that an array or a map may have.
    static let maximumElements: UInt64 = 64
    /// Deepest nesting that ``skipItem(depth:)`` passes over.
    static let maximumDepth = 8

    private var reader: ByteReader

    @_lifetime(copy bytes)
    init(_ bytes: Span<UInt8>) {
        self.reader = ByteReader(bytes)
    }

    /// Reads an unsigned number.
    mutating func readUnsigned() throws(CBORError) -> UInt64 {
        try self.readHead(.unsigned)
    }

    /// Reads a tag, leaving the tagged item unread.
    mutating func readTag() throws(CBORError) -> UInt64 {
        try self.readHead(.tag)
    }

    /// Reads the head of an array, leaving its elements unread.
    mutating func readArrayCount() throws(CBORError) -> Int {
        try self.readCount(.array)
    }

    /// Reads the head of a map, leaving its pairs unread.
    mutating func readMapCount() throws(CBORError) -> Int {
        try self.readCount(.map)
    }

    @_lifetime(copy self)
    mutating func readByteString() throws(CBORError) -> Span<UInt8> {
        let count = try self.readHead(.byteString)
        return try self.readBytes(count)
    }

    mutating func readTextString() throws(CBORError) -> String {
        let offset = self.reader.offset
        let count = try self.readHead(.textString)
        let bytes = [UInt8](copying: try self.readBytes(count))
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .invalidText(offset: offset) }
        return text
    }

    /// Passes over one item of any kind, with everything in it.
    mutating func skipItem(depth: Int = 0) throws(CBORError) {
        let offset = self.reader.offset
        guard depth < Self.maximumDepth else { throw .tooLarge(offset: offset) }
        let (type, argument) = try self.readHead()
        switch type {
        case .unsigned, .negative, .simple: return
        case .byteString, .textString: _ = try self.readBytes(argument)
        case .tag: try self.skipItem(depth: depth + 1)
        case .array, .map:
            guard argument <= Self.maximumElements else { throw .tooLarge(offset: offset) }
            for _ in 0..<(type == .map ? 2 * argument : argument) { try self.skipItem(depth: depth + 1) }
        }
    }

    /// Throws unless every byte has been read.
    func requireEnd() throws(CBORError) {
        do { try self.reader.requireEnd() } catch { throw .bytes(error) }
    }

    private mutating func readCount(_ type: CBORMajorType) throws(CBORError) -> Int {
        let offset = self.reader.offset
        let count = try self.readHead(type)
        guard count <= Self.maximumElements else { throw .tooLarge(offset: offset) }
        return Int(count)
    }

    @_lifetime(copy self)
    private mutating func readBytes(_ count: UInt64) throws(CBORError) -> Span<UInt8> {
        let offset = self.reader.offset
        guard let count = Int(exactly: count) else { throw .tooLarge(offset: offset) }
        do { return try self.reader.readBytes(count) } catch { throw .bytes(error) }
    }

    private mutating func readHead(_ wanted: CBORMajorType) throws(CBORError) -> UInt64 {
        let offset = self.reader.offset
        let (type, argument, initial) = try self.readHead()
        guard type == wanted else { throw .unexpectedItem(offset: offset, wanted: wanted, found: initial) }
        return argument
    }

    private mutating func readHead() throws(CBORError) -> (type: CBORMajorType, argument: UInt64) {
        let (type, argument, _) = try self.readHead()
        return (type, argument)
    }

    /// The head of an item: three bits of type, five of length of the argument (RFC 8949 section 3).
    private mutating func readHead() throws(CBORError) -> (type: CBORMajorType, argument: UInt64, initial: UInt8) {
        let offset = self.reader.offset
        do {
            let initial = try self.reader.readUInt8()
            guard let type = CBORMajorType(rawValue: initial >> 5) else { throw CBORError.notShortestForm(offset: offset) }
            let argument: UInt64
            let least: UInt64
            switch initial & 0x1f {
            case let small where small < 24: (argument, least) = (UInt64(small), 0)
            // A simple value below 32 must not take the two-byte form; numbers below 24 neither.
            case 24: (argument, least) = (UInt64(try self.reader.readUInt8()), type == .simple ? 32 : 24)
            case 25: (argument, least) = (UInt64(try self.reader.readBigEndian(UInt16.self)), type == .simple ? 0 : 0x100)
            case 26: (argument, least) = (UInt64(try self.reader.readBigEndian(UInt32.self)), type == .simple ? 0 : 0x1_0000)
            case 27: (argument, least) = (try self.reader.readBigEndian(UInt64.self), type == .simple ? 0 : 0x1_0000_0000)
            default: throw CBORError.notShortestForm(offset: offset)
            }
            guard argument >= least else { throw CBORError.notShortestForm(offset: offset) }
            return (type, argument, initial)
        } catch let error as ByteReaderError {
            throw .bytes(error)
        } catch let error as CBORError {
            throw error
        } catch {
            preconditionFailure("nothing else is thrown above")
        }
    }
}
