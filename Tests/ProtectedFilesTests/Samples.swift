import Crypto
import Foundation
import ProtectedFiles

/// Plaintexts, digests and keys for tests.
enum Samples {
    static let key = try! WrapKey(Array(1...16).span)
    static let otherKey = try! WrapKey(Array(2...17).span)

    /// Bytes that no shifted copy of themselves resembles.
    static func plaintext(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 32)
        var block: UInt64 = 0
        while bytes.count < count {
            bytes.append(contentsOf: SHA256.hash(data: withUnsafeBytes(of: block.littleEndian) { Data($0) }))
            block += 1
        }
        return Array(bytes.prefix(count))
    }

    static func sha256(_ bytes: [UInt8]) -> String {
        SHA256.hash(data: bytes).map { String(format: "%02x", $0) }.joined()
    }
}
