// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Testing

@Suite("ByteReader")
struct ByteReaderTests {
    static let sample: [UInt8] = Array(0..<23)

    @Test("integers are read in both byte orders")
    func integers() throws {
        let bytes: [UInt8] = [0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07]
        var reader = ByteReader(bytes.span)
        #expect(try reader.readUInt8() == 1)
        #expect(try reader.readLittleEndian(UInt16.self) == 0x0302)
        #expect(try reader.readBigEndian(UInt32.self) == 0x0405_0607)
        #expect(throws: Never.self) { try reader.requireEnd() }
    }

    @Test("a read beyond the end says where, how much was wanted and how much is left", arguments: 0..<Self.sample.count)
    func truncation(length: Int) throws {
        var reader = ByteReader(Self.sample.span.extracting(0..<length))
        var failure: ByteReaderError?
        do {
            _ = try reader.readBytes(Self.sample.count)
        } catch {
            failure = error
        }
        #expect(failure == .truncated(offset: 0, wanted: Self.sample.count, remaining: length))
    }

    @Test("a hostile count is refused before anything is allocated", arguments: [-1, Int.max, Int.min])
    func hostileCounts(count: Int) {
        var reader = ByteReader(Self.sample.span)
        var failure: ByteReaderError?
        do {
            _ = try reader.readArray(count)
        } catch {
            failure = error
        }
        #expect(failure == .truncated(offset: 0, wanted: count, remaining: Self.sample.count))
    }

    @Test("bytes left over are an error")
    func trailing() throws {
        var reader = ByteReader(Self.sample.span)
        try reader.skip(20)
        var failure: ByteReaderError?
        do { try reader.requireEnd() } catch { failure = error }
        #expect(failure == .trailingBytes(offset: 20, count: 3))
    }

    @Test("what the writer writes, the reader reads")
    func roundTrip() throws {
        var writer = ByteWriter()
        writer.writeLittleEndian(UInt32(0xdead_beef))
        writer.writeBigEndian(UInt64(0x0102_0304_0506_0708))
        writer.writeZeros(2)
        writer.write([9, 9])
        var reader = ByteReader(writer.bytes.span)
        #expect(try reader.readLittleEndian(UInt32.self) == 0xdead_beef)
        #expect(try reader.readBigEndian(UInt64.self) == 0x0102_0304_0506_0708)
        #expect(try reader.readArray(4) == [0, 0, 9, 9])
    }
}
