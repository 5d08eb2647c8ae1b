// SPDX-License-Identifier: Apache-2.0

import ByteCoding

/// A checkpoint in TensorFlow's format V2 (tensor bundle): which tensors it has, where they lie, and whether they are whole.
package struct Checkpoint: Sendable {
    /// One tensor.
    package struct Tensor: Sendable {
        package let name: String
        package var dataType: DataType { self.entry.dataType }
        package var shape: TensorShape { self.entry.shape }
        /// Size in bytes.
        package var byteCount: Int { self.entry.size }
        fileprivate let entry: CheckpointEntry
    }

    /// More than this no index has.
    private static let maximumIndexSize = 1 << 30
    /// More data files than this are refused.
    private static let maximumShards: UInt64 = 1 << 16
    private static let chunkSize = 1 << 20

    /// The tensors, names ascending as bytes.
    package let tensors: [Tensor]
    private let shardCount: Int
    private let prefix: String

    /// Reads `PREFIX.index`.
    ///
    /// - Throws: `bad-checkpoint`, or a file error.
    package init(prefix: String) throws {
        try self.init(decoding: try InputFile.readAll("\(prefix).index", limit: Self.maximumIndexSize), prefix: prefix)
    }

    /// Reads the contents of an index.
    ///
    /// - Throws: `bad-checkpoint`.
    package init(decoding index: [UInt8], prefix: String = "variables") throws(SavedModelError) {
        let entries = try Self.entries(of: index, prefix)
        guard let header = entries.first, header.key.isEmpty else { throw Self.bad("\(prefix).index: it has no header") }
        let shardCount = try Self.shardCount(header.value, prefix)
        var tensors: [Tensor] = []
        for entry in entries.dropFirst() {
            let tensor = try Self.tensor(entry.key, entry.value, prefix)
            try Self.check(tensor, shardCount: shardCount)
            tensors.append(tensor)
        }
        self.prefix = prefix
        self.shardCount = shardCount
        self.tensors = tensors
    }

    private static func entries(of index: [UInt8], _ prefix: String) throws(SavedModelError) -> [TableReader.Entry] {
        do {
            return try TableReader.entries(of: index)
        } catch {
            throw Self.bad("\(prefix).index", error)
        }
    }

    private static func bad(_ text: String) -> SavedModelError {
        SavedModelError(.badCheckpoint, "not a checkpoint that can be read: \(text)", remedy: "copy the model again from its source")
    }

    private static func bad(_ path: String, _ fault: TableReader.Fault) -> SavedModelError {
        let text =
            switch fault {
            case .truncated: "it is shorter than its own footer"
            case .badMagic: "it does not end as a table does"
            case .badHandle: "a block lies outside of the file"
            case .badChecksum(let offset): "the checksum of the block at offset \(offset) is wrong"
            case .compressed(let type): "a block is compressed (type \(type)), which TensorFlow never writes"
            case .badEntry: "an entry is malformed"
            case .unordered: "its keys do not ascend"
            case .tooManyEntries: "it has too many entries"
            }
        return self.bad("\(path): \(text)")
    }

    /// BundleHeaderProto: num_shards = 1, endianness = 2.
    private static func shardCount(_ header: [UInt8], _ prefix: String) throws(SavedModelError) -> Int {
        var count: UInt64 = 0
        var endianness: UInt64 = 0
        do {
            var reader = WireReader(header.span, in: header.indices)
            while let field = try reader.nextField() {
                if field.number == 1 { count = try field.varint() }
                if field.number == 2 { endianness = try field.varint() }
            }
        } catch {
            throw Self.bad("\(prefix).index: \(error)")
        }
        guard endianness == 0 else { throw Self.bad("\(prefix).index: it was written on a big-endian machine") }
        guard (1...Self.maximumShards).contains(count) else { throw Self.bad("\(prefix).index: it names \(count) data files") }
        return Int(count)
    }

    private static func tensor(_ key: [UInt8], _ value: [UInt8], _ prefix: String) throws(SavedModelError) -> Tensor {
        guard let name = String(validating: key, as: UTF8.self) else { throw Self.bad("\(prefix).index: a tensor's name is not UTF-8") }
        do {
            return Tensor(name: name, entry: try CheckpointEntry(decoding: value))
        } catch {
            throw Self.bad("\(prefix).index: \"\(printable(name))\": \(error)")
        }
    }

    private static func check(_ tensor: Tensor, shardCount: Int) throws(SavedModelError) {
        let entry = tensor.entry
        let name = printable(tensor.name)
        guard !entry.hasSlices else { throw Self.bad("\"\(name)\" is a partitioned variable, which is not supported") }
        guard (0..<shardCount).contains(entry.shard) else { throw Self.bad("\"\(name)\" lies in data file \(entry.shard) of \(shardCount)") }
        guard entry.offset >= 0, entry.size >= 0, entry.offset <= Int.max - entry.size else { throw Self.bad("\"\(name)\" lies nowhere") }
        guard entry.hasFittingSize else { throw Self.bad("\"\(name)\" has \(entry.size) bytes, which its type and shape do not make") }
    }

    /// The name of the first tensor whose bytes are not those that were written; `nil` when all are.
    ///
    /// - Throws: `bad-checkpoint` when a data file is too short, or a file error.
    package func damagedTensor() throws -> String? {
        for shard in Set(self.tensors.map(\.entry.shard)).sorted() {
            let path = "\(self.prefix).data-\(Self.fiveDigits(shard))-of-\(Self.fiveDigits(self.shardCount))"
            let file = try InputFile(path: path)
            for tensor in self.tensors where tensor.entry.shard == shard {
                guard tensor.entry.offset + tensor.entry.size <= file.count else {
                    throw Self.bad("\(path) ends before \"\(printable(tensor.name))\" does")
                }
                if try Self.checksum(tensor, file) != tensor.entry.checksum { return tensor.name }
            }
        }
        return nil
    }

    private static func fiveDigits(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
    }

    private static func checksum(_ tensor: Tensor, _ file: borrowing InputFile) throws -> UInt32? {
        if tensor.dataType == .string { return try Self.stringChecksum(tensor, file) }
        var checksum = MaskedChecksum()
        let end = tensor.entry.offset + tensor.entry.size
        for start in stride(from: tensor.entry.offset, to: end, by: Self.chunkSize) {
            let chunk = try file.read(at: start, count: min(Self.chunkSize, end - start))
            checksum.update(chunk.span)
        }
        return checksum.masked
    }

    /// Strings: their lengths as varints, a checksum of these, then all bytes.
    ///
    /// The checksum runs over each length as a number of four bytes (eight from 2^32 on), the checksum's own bytes, and the strings.
    private static func stringChecksum(_ tensor: Tensor, _ file: borrowing InputFile) throws -> UInt32? {
        let bytes = try file.read(at: tensor.entry.offset, count: tensor.entry.size)
        guard let count = tensor.shape.elementCount, count <= bytes.count else { return nil }
        var reader = WireReader(bytes.span, in: bytes.indices)
        var checksum = MaskedChecksum()
        for _ in 0..<count {
            let length = try reader.readVarint()
            var encoded = ByteWriter()
            if let short = UInt32(exactly: length) { encoded.writeLittleEndian(short) } else { encoded.writeLittleEndian(length) }
            checksum.update(encoded.bytes.span)
        }
        checksum.update(bytes.span.extracting(reader.offset..<bytes.count))
        return checksum.masked
    }
}
