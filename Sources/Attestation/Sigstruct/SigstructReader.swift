// SPDX-License-Identifier: Apache-2.0

import ByteCoding

/// Reads the fields of a SIGSTRUCT, telling of faults with their offset.
struct SigstructReader: ~Escapable {
    private var reader: ByteReader

    @_lifetime(copy bytes)
    init(_ bytes: Span<UInt8>) { self.reader = ByteReader(bytes) }

    mutating func uint8() throws(SigstructError) -> UInt8 { try self.array(1)[0] }

    mutating func uint16() throws(SigstructError) -> UInt16 {
        do { return try self.reader.readLittleEndian(UInt16.self) } catch { throw Self.truncated(error) }
    }

    mutating func uint32() throws(SigstructError) -> UInt32 {
        do { return try self.reader.readLittleEndian(UInt32.self) } catch { throw Self.truncated(error) }
    }

    mutating func attributes() throws(SigstructError) -> EnclaveAttributes {
        do {
            let flags = try self.reader.readLittleEndian(UInt64.self)
            return EnclaveAttributes(flags: flags, xfrm: try self.reader.readLittleEndian(UInt64.self))
        } catch { throw Self.truncated(error) }
    }

    mutating func value<Value: FixedSizeBytes>(_: Value.Type) throws(SigstructError) -> Value {
        let offset = self.reader.offset
        guard let value = Value(try self.array(Value.size)) else { throw SigstructError(.wrongSize, "no \(Value.self) at byte \(offset)") }
        return value
    }

    mutating func expect(_ expected: [UInt8], _ field: String) throws(SigstructError) {
        let offset = self.reader.offset
        let found = try self.array(expected.count)
        guard found == expected else {
            throw SigstructError(.wrongHeader, "\(field) at byte \(offset) is \(found.hexString), expected \(expected.hexString)")
        }
    }

    mutating func expectZeros(_ count: Int, _ field: String) throws(SigstructError) {
        let offset = self.reader.offset
        if let place = try self.array(count).firstIndex(where: { $0 != 0 }) {
            throw SigstructError(.reservedBytes, "\(field) [\(offset), \(offset + count)) have to be zero, byte \(offset + place) is not")
        }
    }

    func requireEnd() throws(SigstructError) {
        do { try self.reader.requireEnd() } catch { throw SigstructError(.wrongSize, "\(error)") }
    }

    private mutating func array(_ count: Int) throws(SigstructError) -> [UInt8] {
        do { return try self.reader.readArray(count) } catch { throw Self.truncated(error) }
    }

    private static func truncated(_ error: ByteReaderError) -> SigstructError { SigstructError(.wrongSize, "\(error)") }
}
