// SPDX-License-Identifier: Apache-2.0

internal import ByteCoding
package import SavedModels

/// An array in NumPy's file format (`.npy`, versions 1 to 3), as a tensor.
package struct NumPyArray: Sendable {
    /// The array.
    package let tensor: Tensor

    private static let magic: [UInt8] = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]
    private static let maximumHeaderSize = 1 << 16

    /// Reads a file's bytes.
    ///
    /// - Throws: ``TensorFlowError`` `bad-npy` for anything but an array of numbers, booleans or texts in C order and little-endian.
    package init(decoding bytes: [UInt8]) throws {
        var reader = ByteReader(bytes.span)
        let header: String
        do {
            guard try reader.readArray(Self.magic.count) == Self.magic else { throw Self.bad("it does not begin as one does") }
            let major = try reader.readUInt8()
            _ = try reader.readUInt8()
            let size = major == 1 ? Int(try reader.readLittleEndian(UInt16.self)) : Int(try reader.readLittleEndian(UInt32.self))
            guard (1...3).contains(major), size <= Self.maximumHeaderSize else { throw Self.bad("it is of a later version") }
            header = String(decoding: try reader.readArray(size), as: UTF8.self)
        } catch let error as TensorFlowError {
            throw error
        } catch {
            throw Self.bad("it ends within its header")
        }
        guard Self.value("fortran_order", in: header)?.hasPrefix("False") == true else { throw Self.bad("it is in Fortran's order, or does not say") }
        guard let description = Self.value("descr", in: header)?.dropFirst().prefix(while: { $0 != "'" }),
            let shapeText = Self.value("shape", in: header)?.dropFirst().prefix(while: { $0 != ")" })
        else { throw Self.bad("its header has no type or no shape") }
        var shape: [Int] = []
        for part in shapeText.split(separator: ",") {
            let digits = part.filter { $0 != " " }
            if digits.isEmpty { continue }
            guard let size = Int(digits), size >= 0 else { throw Self.bad("its shape is malformed") }
            shape.append(size)
        }
        self.tensor = try Self.tensor(String(description), shape, Array(bytes[reader.offset...]))
    }

    private static func bad(_ fault: String) -> TensorFlowError {
        TensorFlowError(
            .invalidArgument, "bad-npy", "not a NumPy array that can be read: \(fault)",
            remedy: "write it with numpy.save(FILE, numpy.ascontiguousarray(x)) in a plain type")
    }

    /// What follows a key of the header, which is a Python dictionary.
    private static func value(_ key: String, in header: String) -> Substring? {
        guard let range = header.firstRange(of: "'\(key)':") else { return nil }
        return header[range.upperBound...].drop { $0 == " " }
    }

    private static func tensor(_ description: String, _ shape: [Int], _ data: [UInt8]) throws -> Tensor {
        let types: [String: DataType] = [
            "<f4": .float, "<f8": .double, "<f2": .half, "|i1": .int8, "<i2": .int16, "<i4": .int32, "<i8": .int64, "|u1": .uint8, "<u2": .uint16,
            "<u4": .uint32, "<u8": .uint64, "|b1": .bool, "<c8": .complex64, "<c16": .complex128,
        ]
        if let type = types[description] {
            // Sound: bytes have no padding.
            return try unsafe Tensor(dataType: type, shape: shape, copying: data.span.bytes)
        }
        let count = try Tensor.elementCount(of: shape)
        guard let width = Int(description.dropFirst(2)), width < 1 << 24, ["|S", "<U"].contains(description.prefix(2)) else {
            throw self.bad("its elements are of type \(description)")
        }
        let size = description.hasPrefix("<U") ? width * 4 : width
        guard data.count == count * size else { throw self.bad("it has \(data.count) bytes for \(count) texts of \(size)") }
        let strings = (0..<count).map { index in
            let element = data[(index * size)..<((index + 1) * size)]
            return description.hasPrefix("<U")
                ? Self.utf8(element) : Array(element.prefix(1 + (element.lastIndex { $0 != 0 } ?? element.startIndex - 1) - element.startIndex))
        }
        return try Tensor(strings: strings, shape: shape)
    }

    /// A text of 32-bit characters, padded with zeros.
    private static func utf8(_ characters: ArraySlice<UInt8>) -> [UInt8] {
        var text = ""
        for start in stride(from: characters.startIndex, to: characters.endIndex, by: 4) {
            let value = (0..<4).reduce(UInt32(0)) { $0 | UInt32(characters[start + $1]) << UInt32($1 * 8) }
            guard value != 0 else { continue }
            text.unicodeScalars.append(Unicode.Scalar(value) ?? "\u{fffd}")
        }
        return Array(text.utf8)
    }
}

extension Tensor {
    /// The same numbers in another type, where that loses nothing but a double's precision; `nil` otherwise.
    package func converted(to type: DataType) -> Tensor? {
        switch (self.dataType, type) {
        case (let from, let to) where from == to: self
        case (.double, .float): try? Tensor((self.values(as: Double.self) ?? []).map { Float($0) }, shape: self.shape)
        case (.float, .double): try? Tensor((self.values(as: Float.self) ?? []).map { Double($0) }, shape: self.shape)
        case (.uint8, .float): try? Tensor((self.values(as: UInt8.self) ?? []).map { Float($0) }, shape: self.shape)
        case (.int64, .int32):
            self.exactly(Int32.self).flatMap { try? Tensor($0, shape: self.shape) }
        case (.int32, .int64): try? Tensor((self.values(as: Int32.self) ?? []).map { Int64($0) }, shape: self.shape)
        default: nil
        }
    }

    private func exactly<Number: FixedWidthInteger>(_: Number.Type) -> [Number]? {
        guard let values = self.values(as: Int64.self) else { return nil }
        let converted = values.compactMap { Number(exactly: $0) }
        return converted.count == values.count ? converted : nil
    }
}
