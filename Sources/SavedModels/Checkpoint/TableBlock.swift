// SPDX-License-Identifier: Apache-2.0

import ByteCoding

/// One block of a sorted string table: entries that share their keys' beginnings, then the places where keys are written whole.
struct TableBlock {
    private let restartInterval: Int
    private var entries = WireWriter()
    private var restarts: [UInt32] = [0]
    private var sinceRestart = 0
    private var lastKey: [UInt8] = []

    /// An empty block in which every so-manieth key is written whole.
    init(restartInterval: Int) { self.restartInterval = restartInterval }

    var isEmpty: Bool { self.entries.bytes.isEmpty }

    /// Size that ``encode()`` will have.
    var encodedSize: Int { self.entries.bytes.count + self.restarts.count * 4 + 4 }

    mutating func add(_ key: [UInt8], _ value: [UInt8]) {
        var shared = 0
        if self.sinceRestart < self.restartInterval {
            shared = zip(key, self.lastKey).prefix { $0 == $1 }.count
        } else {
            self.restarts.append(UInt32(self.entries.bytes.count))
            self.sinceRestart = 0
        }
        self.entries.writeVarint(UInt64(shared))
        self.entries.writeVarint(UInt64(key.count - shared))
        self.entries.writeVarint(UInt64(value.count))
        self.entries.append(Array(key[shared...]) + value)
        self.lastKey = key
        self.sinceRestart += 1
    }

    func encode() -> [UInt8] {
        var writer = ByteWriter()
        writer.write(self.entries.bytes)
        for restart in self.restarts { writer.writeLittleEndian(restart) }
        writer.writeLittleEndian(UInt32(self.restarts.count))
        return writer.bytes
    }
}
