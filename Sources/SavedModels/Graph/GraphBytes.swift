// SPDX-License-Identifier: Apache-2.0

import ByteCoding

/// The bytes of a graph: in memory, or in a file that is read in place, so that weights cost no memory of their own.
struct GraphBytes: Sendable {
    private enum Storage {
        case memory([UInt8])
        case file(MappedFile)
    }

    /// No more bytes than these are taken: positions in a graph are 32-bit numbers (``ByteRange``).
    static let maximumSize = Int(UInt32.max)

    private let storage: Storage

    init(_ bytes: [UInt8]) { self.storage = .memory(bytes) }

    init(_ file: MappedFile) { self.storage = .file(file) }

    /// All bytes.
    var span: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            switch self.storage {
            // Sound: both are immutable and live at least as long as this value, which the span borrows.
            case .memory(let bytes): unsafe _overrideLifetime(bytes.span, borrowing: self)
            case .file(let file): unsafe _overrideLifetime(file.span, borrowing: self)
            }
        }
    }

    var count: Int {
        switch self.storage {
        case .memory(let bytes): bytes.count
        case .file(let file): file.count
        }
    }

    /// The bytes of a range; those of a file are copied.
    subscript(range: Range<Int>) -> ArraySlice<UInt8> {
        switch self.storage {
        case .memory(let bytes): bytes[range]
        case .file(let file): Array(copying: file.span.extracting(range))[...]
        }
    }

    /// Whether the bytes of a range are these.
    func matches(_ range: Range<Int>, _ other: Span<UInt8>) -> Bool {
        guard range.count == other.count else { return false }
        let span = self.span
        return other.indices.allSatisfy { span[range.lowerBound + $0] == other[$0] }
    }

    /// Whether the bytes of a range are those of a text.
    func matches(_ range: Range<Int>, _ text: String) -> Bool {
        let text = text.utf8
        return range.count == text.count && self.matches(range, text.span)
    }

    /// Whether the bytes begin with these.
    func starts(with beginning: [UInt8]) -> Bool { self.count >= beginning.count && self.matches(0..<beginning.count, beginning.span) }

    /// The text in a range.
    func text(in range: Range<Int>) throws(WireError) -> String {
        guard let text = String(validating: self[range], as: UTF8.self) else { throw .badText(offset: range.lowerBound) }
        return text
    }

    /// Appends a range to a file.
    func copy(_ range: Range<Int>, to output: borrowing OutputFile) throws(FileError) {
        switch self.storage {
        case .memory(let bytes): try output.write(bytes.span.extracting(range))
        case .file(let file): try file.copy(range, to: output)
        }
    }
}
