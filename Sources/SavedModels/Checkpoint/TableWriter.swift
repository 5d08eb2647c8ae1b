// SPDX-License-Identifier: Apache-2.0

import ByteCoding

/// Writes a sorted string table, the format of a checkpoint's index: LevelDB's, with TensorFlow's block size and without compression.
struct TableWriter {
    /// A data block of so many bytes is closed.
    private static let blockSize = 262_144
    /// An entry of so many bytes begins a block.
    private static let largeEntry = 2 * Self.blockSize
    /// In a data block every so-manieth key is written whole.
    private static let restartInterval = 16
    /// The last eight bytes of every table.
    static let magic: UInt64 = 0xdb47_7524_8b80_fb57
    /// Size of the footer: two handles, padding, magic.
    static let footerSize = 48

    private var file = ByteWriter()
    private var block = TableBlock(restartInterval: Self.restartInterval)
    private var index = TableBlock(restartInterval: 1)
    private var lastKey: [UInt8]?
    /// Handle of a closed block whose entry in the index waits for the next key.
    private var pending: [UInt8]?

    /// Adds an entry; keys have to ascend as bytes do.
    mutating func add(_ key: [UInt8], _ value: [UInt8]) {
        precondition(self.lastKey.map { $0.lexicographicallyPrecedes(key) } ?? true, "keys ascend")
        if key.count + value.count >= Self.largeEntry { self.closeBlock() }
        if let handle = self.pending, let lastKey = self.lastKey {
            self.index.add(Self.separator(lastKey, key), handle)
            self.pending = nil
        }
        self.block.add(key, value)
        self.lastKey = key
        if self.block.encodedSize >= Self.blockSize { self.closeBlock() }
    }

    /// The whole file.
    mutating func finish() -> [UInt8] {
        self.closeBlock()
        let metaIndex = self.store(TableBlock(restartInterval: Self.restartInterval))
        if let handle = self.pending, let lastKey = self.lastKey { self.index.add(Self.successor(lastKey), handle) }
        let handles = metaIndex + self.store(self.index)
        self.file.write(handles)
        self.file.writeZeros(Self.footerSize - 8 - handles.count)
        self.file.writeLittleEndian(Self.magic)
        return self.file.bytes
    }

    private mutating func closeBlock() {
        guard !self.block.isEmpty else { return }
        self.pending = self.store(self.block)
        self.block = TableBlock(restartInterval: Self.restartInterval)
    }

    /// Writes a block with its type and checksum, and returns its handle.
    private mutating func store(_ block: TableBlock) -> [UInt8] {
        let contents = block.encode()
        var handle = WireWriter()
        handle.writeVarint(UInt64(self.file.bytes.count))
        handle.writeVarint(UInt64(contents.count))
        let stored = contents + [0]  // Type 0: not compressed.
        self.file.write(stored)
        self.file.writeLittleEndian(MaskedChecksum.of(stored.span))
        return handle.bytes
    }

    /// A short key from `last` on and below `next`.
    static func separator(_ last: [UInt8], _ next: [UInt8]) -> [UInt8] {
        guard let position = zip(last, next).enumerated().first(where: { $1.0 != $1.1 })?.offset, last[position] < 255,
            last[position] + 1 < next[position]
        else { return last }
        return Array(last[..<position]) + [last[position] + 1]
    }

    /// A short key from `last` on.
    static func successor(_ last: [UInt8]) -> [UInt8] {
        guard let position = last.firstIndex(where: { $0 != 255 }) else { return last }
        return Array(last[..<position]) + [last[position] + 1]
    }
}
