// SPDX-License-Identifier: Apache-2.0

import ProtectedFiles
import Synchronization

/// A file in memory that counts how often it is read.
final class CountingStorage: NodeStorage {
    private let bytes: [UInt8]
    private let counter = Mutex(0)

    init(bytes: [UInt8]) { self.bytes = bytes }

    var reads: Int { self.counter.withLock { $0 } }
    var count: Int { self.bytes.count }

    func read(at offset: Int, count: Int) -> [UInt8] {
        self.counter.withLock { $0 += 1 }
        guard offset < self.bytes.count else { return [] }
        return Array(self.bytes[offset..<min(self.bytes.count, offset + count)])
    }
}
