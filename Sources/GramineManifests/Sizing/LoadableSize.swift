// SPDX-License-Identifier: Apache-2.0

package import ByteCoding

/// How much memory an executable or a library takes when it is loaded whole: the sum of the loadable segments of a 64-bit ELF file.
public struct LoadableSize: Hashable, Sendable {
    /// The number of bytes.
    public let bytes: Int

    /// Reads the program headers of a file.
    ///
    /// - Throws: a file error, or ``ELFError`` for a file that is not such a program.
    package init(ofFile path: String) throws {
        let file = try InputFile(path: path)
        let header = try Header(decoding: try file.read(at: 0, count: Header.size), path: path)
        let table = try file.read(at: header.tableOffset, count: header.entryCount * Header.entrySize)
        guard table.count == header.entryCount * Header.entrySize else {
            throw ELFError(path: path, message: "its program headers lie beyond its end")
        }
        var bytes = 0
        for index in 0..<header.entryCount {
            bytes += try Self.loadedBytes(Array(table[(index * Header.entrySize)..<((index + 1) * Header.entrySize)]), path: path)
        }
        self.bytes = bytes
    }

    private static func loadedBytes(_ entry: [UInt8], path: String) throws(ELFError) -> Int {
        do {
            var reader = ByteReader(entry.span)
            guard try reader.readLittleEndian(UInt32.self) == Header.loadable else { return 0 }
            try reader.skip(36)
            // No program is larger than 2⁴⁰ bytes, and sums of a few thousand such sizes fit.
            let size = try reader.readLittleEndian(UInt64.self)
            guard size < 1 << 40 else { throw ELFError(path: path, message: "it has a segment of \(size) bytes") }
            return Int(size)
        } catch let error as ELFError { throw error } catch { throw ELFError(path: path, message: "\(error)") }
    }

    /// What is read of the ELF header.
    private struct Header {
        static let size = 64
        static let entrySize = 56
        static let loadable: UInt32 = 1
        let tableOffset: Int
        let entryCount: Int

        init(decoding bytes: [UInt8], path: String) throws(ELFError) {
            do {
                var reader = ByteReader(bytes.span)
                guard try reader.readArray(6) == [0x7f, 0x45, 0x4c, 0x46, 2, 1] else {
                    throw ELFError(path: path, message: "it is no 64-bit ELF file")
                }
                try reader.skip(26)
                guard let offset = Int(exactly: try reader.readLittleEndian(UInt64.self)), offset < 1 << 40 else {
                    throw ELFError(path: path, message: "its program headers lie beyond its end")
                }
                try reader.skip(14)
                guard try reader.readLittleEndian(UInt16.self) == UInt16(Self.entrySize) else {
                    throw ELFError(path: path, message: "its program headers have an unknown size")
                }
                self.tableOffset = offset
                self.entryCount = Int(try reader.readLittleEndian(UInt16.self))
            } catch let error as ELFError { throw error } catch { throw ELFError(path: path, message: "it is no 64-bit ELF file: \(error)") }
        }
    }
}

/// Why a file's loaded size is not known.
public struct ELFError: Error, Hashable, Sendable {
    /// The file.
    public let path: String
    /// What was wrong, without the path.
    let fault: String

    init(path: String, message: String) {
        self.path = path
        self.fault = message
    }
}

extension ELFError: DiagnosableError {
    package var identifier: String { "not-elf" }
    package var message: String { "\(self.path) cannot be measured: \(self.fault)" }
    package var remedy: String? { "give the executable or library itself, not a link script or an archive" }
    package var exitStatus: ExitStatus { .badData }
}
