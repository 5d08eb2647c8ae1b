// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import ProtectedFiles

/// Plaintexts, digests and keys for tests.
enum Samples {
    static let key = WrapKey.random()
    static let otherKey = WrapKey.random()

    /// Bytes that no shifted copy of themselves resembles.
    static func plaintext(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 32)
        var block = 0
        while bytes.count < count {
            bytes.append(contentsOf: SHA256.hash(data: Array("block \(block)".utf8)))
            block += 1
        }
        return Array(bytes.prefix(count))
    }

    static func sha256(_ bytes: [UInt8]) -> String {
        SHA256.hash(data: bytes).map { String(format: "%02x", $0) }.joined()
    }
}
