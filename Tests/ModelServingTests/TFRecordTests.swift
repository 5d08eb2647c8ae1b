// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import SavedModels
import Testing

@testable import ModelServing

@Suite("TensorFlow's record files")
struct TFRecordTests {
    /// A record as TensorFlow writes it.
    static func record(_ data: [UInt8]) -> [UInt8] {
        let length = (0..<8).map { UInt8(truncatingIfNeeded: data.count >> ($0 * 8)) }
        return length + Self.checksum(length) + data + Self.checksum(data)
    }

    private static func checksum(_ bytes: [UInt8]) -> [UInt8] {
        let masked = MaskedChecksum.of(bytes.span)
        return (0..<4).map { UInt8(truncatingIfNeeded: masked >> ($0 * 8)) }
    }

    private static func read(_ bytes: [UInt8]) throws(RequestError) -> [[UInt8]] {
        var reader = TFRecordReader(bytes.span)
        var records: [[UInt8]] = []
        while let record = try reader.next() { records.append([UInt8](copying: record)) }
        return records
    }

    @Test("the checksum is CRC-32C, by its known values")
    func checksums() {
        // The check value of CRC-32C, and two of RFC 3720, appendix B.4.
        let known: [([UInt8], UInt32)] = [
            (Array("123456789".utf8), 0xe306_9283), ([UInt8](repeating: 0, count: 32), 0x8a91_36aa),
            ([UInt8](repeating: 0xff, count: 32), 0x62a8_ab43),
        ]
        for (bytes, checksum) in known { #expect(MaskedChecksum.of(bytes.span) == (checksum >> 15 | checksum << 17) &+ 0xa282_ead8) }
    }

    @Test("records come back as they were written, empty ones too")
    func roundTrip() throws {
        let records: [[UInt8]] = [[1, 2, 3], [], Array(repeating: 7, count: 300)]
        #expect(try Self.read(records.flatMap(Self.record)) == records)
        #expect(try Self.read([]).isEmpty)
    }

    @Test("every truncation but at the end of a record is DATA_LOSS")
    func truncations() {
        let first = Self.record([1, 2, 3])
        let bytes = first + Self.record([4])
        for length in 1..<bytes.count where length != first.count {
            let start = length < first.count ? 0 : first.count
            #expect(throws: RequestError(.dataLoss, "truncated record at \(start). Please verify your warmup data is in TFRecord format.")) {
                try Self.read(Array(bytes.prefix(length)))
            }
        }
    }

    @Test("every flipped bit is DATA_LOSS")
    func flips() {
        let bytes = Self.record([1, 2, 3])
        for bit in 0..<bytes.count * 8 {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << (bit % 8)
            let error = #expect(throws: RequestError.self) { try Self.read(damaged) }
            #expect(error?.code == .dataLoss)
        }
    }
}
