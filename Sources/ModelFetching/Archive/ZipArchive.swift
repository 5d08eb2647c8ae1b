// SPDX-License-Identifier: Apache-2.0

import ByteCoding

/// A zip archive, as wheels and NumPy's `.npz` are: which files it has, and their contents.
///
/// Follows PKWARE's APPNOTE as far as these go: stored and deflated files, no encryption, no archives in parts. All bytes are untrusted.
package struct ZipArchive: Sendable {
    /// A file of the archive.
    package struct Entry: Hashable, Sendable {
        /// Its path in the archive.
        package let name: String
        /// Its size when unpacked.
        package let size: Int
        fileprivate let method: UInt16
        fileprivate let packedSize: Int
        fileprivate let checksum: UInt32
        fileprivate let headerOffset: Int
    }

    /// More files than this are refused.
    private static let maximumEntries = 100_000
    /// What stands before a file's name and after it, in the directory and before the file's bytes.
    private static let endSize = 22, entrySize = 46, headerSize = 30
    private static let maximumCommentSize = 65_535
    private static let stored: UInt16 = 0, deflated: UInt16 = 8

    private let bytes: [UInt8]
    /// The files, in the directory's order.
    package let entries: [Entry]

    /// Reads the directory of an archive.
    ///
    /// - Throws: ``FetchError`` `bad-archive`.
    package init(_ bytes: [UInt8]) throws(FetchError) {
        let end = try Self.findEnd(bytes)
        do {
            var reader = ByteReader(bytes.span.extracting(end..<bytes.count))
            try reader.skip(8)
            _ = try reader.readLittleEndian(UInt16.self)
            let count = Int(try reader.readLittleEndian(UInt16.self))
            let size = Int(try reader.readLittleEndian(UInt32.self))
            let offset = Int(try reader.readLittleEndian(UInt32.self))
            guard count <= Self.maximumEntries, offset <= end, size <= end - offset else { throw FetchError.badArchive("its directory lies outside") }
            self.entries = try Self.directory(bytes.span.extracting(offset..<(offset + size)), count: count)
        } catch let error as FetchError {
            throw error
        } catch {
            throw FetchError.badArchive("its directory is cut off")
        }
        self.bytes = bytes
    }

    private static func findEnd(_ bytes: [UInt8]) throws(FetchError) -> Int {
        let signature: [UInt8] = [0x50, 0x4b, 0x05, 0x06]
        var position = bytes.count - Self.endSize
        while position >= 0, position >= bytes.count - Self.endSize - Self.maximumCommentSize {
            if bytes[position] == signature[0], bytes[position..<(position + 4)].elementsEqual(signature) { return position }
            position -= 1
        }
        throw FetchError.badArchive("it does not end as a zip archive does")
    }

    private static func directory(_ bytes: Span<UInt8>, count: Int) throws -> [Entry] {
        var entries: [Entry] = []
        var reader = ByteReader(bytes)
        for _ in 0..<count {
            guard try reader.readLittleEndian(UInt32.self) == 0x0201_4b50 else { throw FetchError.badArchive("its directory has a bad entry") }
            try reader.skip(4)
            let flags = try reader.readLittleEndian(UInt16.self)
            let method = try reader.readLittleEndian(UInt16.self)
            try reader.skip(4)
            let checksum = try reader.readLittleEndian(UInt32.self)
            let packedSize = Int(try reader.readLittleEndian(UInt32.self))
            let size = Int(try reader.readLittleEndian(UInt32.self))
            let nameSize = Int(try reader.readLittleEndian(UInt16.self))
            let extraSize = Int(try reader.readLittleEndian(UInt16.self))
            let commentSize = Int(try reader.readLittleEndian(UInt16.self))
            try reader.skip(8)
            let headerOffset = Int(try reader.readLittleEndian(UInt32.self))
            let name = String(decoding: try reader.readArray(nameSize), as: UTF8.self)
            try reader.skip(extraSize + commentSize)
            guard flags & 1 == 0 else { throw FetchError.badArchive("“\(name)” is encrypted") }
            guard packedSize != 0xffff_ffff, size != 0xffff_ffff, headerOffset != 0xffff_ffff else {
                throw FetchError.badArchive("“\(name)” is larger than 4 GiB")
            }
            entries.append(
                Entry(name: name, size: size, method: method, packedSize: packedSize, checksum: checksum, headerOffset: headerOffset))
        }
        return entries
    }

    /// Unpacks one file.
    ///
    /// - Throws: ``FetchError`` `bad-archive` when its bytes are not what the directory says, or it is larger than `limit`.
    package func contents(of entry: Entry, limit: Int = 1 << 31) throws(FetchError) -> [UInt8] {
        guard entry.size <= limit else { throw FetchError.badArchive("“\(entry.name)” is larger than \(limit) bytes") }
        let packed: ArraySlice<UInt8>
        do {
            packed = try self.packedBytes(of: entry)
        } catch {
            throw FetchError.badArchive("“\(entry.name)” is cut off")
        }
        let contents: [UInt8]
        switch entry.method {
        case Self.stored where packed.count == entry.size: contents = Array(packed)
        case Self.deflated:
            guard let inflated = Deflate.inflate(packed, size: entry.size) else { throw FetchError.badArchive("“\(entry.name)” cannot be unpacked") }
            contents = inflated
        default: throw FetchError.badArchive("“\(entry.name)” is packed in a way that is not supported (\(entry.method))")
        }
        guard Deflate.checksum(contents) == entry.checksum else { throw FetchError.badArchive("the checksum of “\(entry.name)” is wrong") }
        return contents
    }

    private func packedBytes(of entry: Entry) throws -> ArraySlice<UInt8> {
        guard entry.headerOffset <= self.bytes.count else { throw FetchError.badArchive("a file lies outside") }
        var reader = ByteReader(self.bytes.span.extracting(entry.headerOffset..<self.bytes.count))
        guard try reader.readLittleEndian(UInt32.self) == 0x0403_4b50 else { throw FetchError.badArchive("a file has a bad header") }
        try reader.skip(22)
        let nameSize = Int(try reader.readLittleEndian(UInt16.self))
        let extraSize = Int(try reader.readLittleEndian(UInt16.self))
        let start = entry.headerOffset + Self.headerSize + nameSize + extraSize
        guard start <= self.bytes.count, entry.packedSize <= self.bytes.count - start else { throw FetchError.badArchive("a file is cut off") }
        return self.bytes[start..<(start + entry.packedSize)]
    }
}
