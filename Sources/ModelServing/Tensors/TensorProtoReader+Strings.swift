// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import TensorFlowProtos

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension TensorProtoReader {
    /// The elements of a string tensor, in order.
    func strings() throws(TensorProtoError) -> [[UInt8]] {
        guard self.proto.tensorContent.isEmpty else { return try self.stringsOfContent([UInt8](self.proto.tensorContent)) }
        var strings = self.proto.stringVal.map { [UInt8]($0) }
        let missing = self.elementCount - strings.count
        if missing > 0 { strings.append(contentsOf: repeatElement(strings.last ?? [], count: missing)) }
        return strings
    }

    /// The form of string tensors in `tensor_content`: the lengths of all strings as 32-bit varints, then their bytes.
    private func stringsOfContent(_ content: [UInt8]) throws(TensorProtoError) -> [[UInt8]] {
        do {
            var reader = ByteReader(content.span)
            var lengths: [Int] = []
            lengths.reserveCapacity(self.elementCount)
            for _ in 0..<self.elementCount {
                guard let length = try reader.readVarint32() else { throw TensorProtoError("tensor_content has a length beyond 32 bits") }
                lengths.append(length)
            }
            var strings: [[UInt8]] = []
            strings.reserveCapacity(self.elementCount)
            for length in lengths { strings.append(try reader.readArray(length)) }
            try reader.requireEnd()
            return strings
        } catch let error as TensorProtoError {
            throw error
        } catch {
            throw TensorProtoError("tensor_content: \(error)")
        }
    }
}

extension ByteReader {
    /// Reads a varint of at most 32 bits; `nil` when it is longer.
    fileprivate mutating func readVarint32() throws(ByteReaderError) -> Int? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 35, by: 7) {
            let byte = try self.readUInt8()
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value <= UInt64(UInt32.max) ? Int(value) : nil }
        }
        return nil
    }
}
