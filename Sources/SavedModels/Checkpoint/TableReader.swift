// SPDX-License-Identifier: Apache-2.0

import ByteCoding

/// Reads a sorted string table (see ``TableWriter``) from untrusted bytes: every block's checksum is checked, every byte accounted for.
enum TableReader {
    /// What is wrong with a table.
    enum Fault: Error, Hashable {
        case truncated
        case badMagic
        case badHandle
        case badChecksum(offset: Int)
        case compressed(UInt8)
        case badEntry
        case unordered
        case tooManyEntries
    }

    /// More entries than this are refused; the largest known models have some ten thousand variables.
    private static let maximumEntries = 1 << 22

    struct Entry {
        let key: [UInt8]
        let value: [UInt8]
    }

    /// The entries of a table, keys ascending.
    static func entries(of bytes: [UInt8]) throws(Fault) -> [Entry] {
        guard bytes.count >= TableWriter.footerSize else { throw .truncated }
        let footer = bytes.suffix(TableWriter.footerSize)
        let magic = footer.suffix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard magic == TableWriter.magic else { throw .badMagic }
        let bodyEnd = bytes.count - TableWriter.footerSize
        let handles = try Self.handles(bytes, in: footer.startIndex..<(footer.endIndex - 8))
        _ = try Self.block(bytes, handles.metaIndex, bodyEnd)
        let index = try Self.entries(inBlock: try Self.block(bytes, handles.index, bodyEnd))
        var entries: [Entry] = []
        for place in index {
            entries += try Self.entries(inBlock: try Self.block(bytes, try Self.handle(place.value), bodyEnd))
            guard entries.count <= Self.maximumEntries else { throw .tooManyEntries }
        }
        guard zip(entries, entries.dropFirst()).allSatisfy({ $0.key.lexicographicallyPrecedes($1.key) }) else { throw .unordered }
        return entries
    }

    private static func handles(_ bytes: [UInt8], in range: Range<Int>) throws(Fault) -> (metaIndex: Range<Int>, index: Range<Int>) {
        do {
            var reader = WireReader(bytes.span, in: range)
            let numbers = [try reader.readVarint(), try reader.readVarint(), try reader.readVarint(), try reader.readVarint()]
            return (try Self.range(numbers[0], numbers[1]), try Self.range(numbers[2], numbers[3]))
        } catch {
            throw .badHandle
        }
    }

    private static func handle(_ value: [UInt8]) throws(Fault) -> Range<Int> {
        do {
            var reader = WireReader(value.span, in: value.indices)
            let handle = try Self.range(try reader.readVarint(), try reader.readVarint())
            guard reader.isAtEnd else { throw Fault.badHandle }
            return handle
        } catch {
            throw .badHandle
        }
    }

    private static func range(_ offset: UInt64, _ size: UInt64) throws(Fault) -> Range<Int> {
        guard let start = Int(exactly: offset), let count = Int(exactly: size), start <= Int.max - count else { throw .badHandle }
        return start..<(start + count)
    }

    /// The contents of a block: its type and checksum follow it.
    private static func block(_ bytes: [UInt8], _ handle: Range<Int>, _ end: Int) throws(Fault) -> [UInt8] {
        guard handle.upperBound <= end - 5 else { throw .badHandle }
        let stored = Array(bytes[handle.lowerBound...handle.upperBound])
        let checksum = bytes[(handle.upperBound + 1)..<(handle.upperBound + 5)].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        guard MaskedChecksum.of(stored.span) == checksum else { throw .badChecksum(offset: handle.lowerBound) }
        guard bytes[handle.upperBound] == 0 else { throw .compressed(bytes[handle.upperBound]) }
        return stored.dropLast()
    }

    private static func entries(inBlock block: [UInt8]) throws(Fault) -> [Entry] {
        guard block.count >= 4 else { throw .badEntry }
        let restarts = block.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        let end = block.count - 4 - restarts * 4
        guard end >= 0 else { throw .badEntry }
        do {
            return try Self.entries(block, end: end)
        } catch {
            throw .badEntry
        }
    }

    private static func entries(_ block: [UInt8], end: Int) throws -> [Entry] {
        var entries: [Entry] = []
        var key: [UInt8] = []
        var reader = WireReader(block.span, in: 0..<end)
        while !reader.isAtEnd {
            let shared = try reader.readVarint()
            let unshared = try reader.readVarint()
            let valueCount = try reader.readVarint()
            guard shared <= UInt64(key.count), entries.count < Self.maximumEntries else { throw Fault.badEntry }
            key = Array(key.prefix(Int(shared))) + block[try reader.readBytes(unshared)]
            entries.append(Entry(key: key, value: Array(block[try reader.readBytes(valueCount)])))
        }
        return entries
    }
}
