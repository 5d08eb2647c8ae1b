// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ModelServing

@Suite("gzip")
struct GzipTests {
    /// A member with the bytes in one stored block (RFC 1951 section 3.2.4), at most 65,535.
    static func compress(_ bytes: [UInt8]) -> [UInt8] {
        func little(_ value: Int, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(value >> ($0 * 8) & 0xFF) } }
        let length = little(bytes.count, 2)
        let head: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]
        return head + [1] + length + length.map { ~$0 } + bytes + little(Int(Self.checksum(bytes)), 4) + little(bytes.count, 4)
    }

    /// CRC-32 (RFC 1952 section 8).
    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(~0) { sum, byte in
            (0..<8).reduce(sum ^ UInt32(byte)) { bits, _ in bits & 1 == 1 ? bits >> 1 ^ 0xEDB8_8320 : bits >> 1 }
        }
    }

    @Test("all members of a file are read, one after another")
    func members() throws {
        let parts = ["one", "", " and another"].map { Self.compress(Array($0.utf8)) }
        #expect(try Gzip.decompress(parts[0], limit: 3) == Array("one".utf8))
        #expect(try Gzip.decompress(parts.flatMap(\.self), limit: 15) == Array("one and another".utf8))
    }

    @Test("what holds more than may be is told, however many members it is in")
    func limit() throws {
        let two = Self.compress([1, 2]) + Self.compress([3])
        #expect(throws: Gzip.Failure.tooLarge) { try Gzip.decompress(two, limit: 2) }
        let empty = Self.compress([])
        let many = Array(repeatElement(empty, count: Gzip.memberLimit).joined())
        #expect(try Gzip.decompress(many, limit: 0) == [])
        #expect(throws: Gzip.Failure.tooManyMembers) { try Gzip.decompress(many + empty, limit: 0) }
    }

    @Test("a member that is cut off, and anything after the last, are damage")
    func damage() {
        let two = Self.compress([1, 2]) + Self.compress([3])
        let boundary = Self.compress([1, 2]).count
        for count in 0..<two.count where count != boundary {
            #expect(throws: Gzip.Failure.damaged) { try Gzip.decompress(Array(two.prefix(count)), limit: 9) }
        }
        #expect(throws: Gzip.Failure.damaged) { try Gzip.decompress(two + [0], limit: 9) }
    }
}
