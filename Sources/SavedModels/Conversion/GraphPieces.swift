// SPDX-License-Identifier: Apache-2.0

import ByteCoding

/// A graph put together from ranges of another and a few new bytes.
struct GraphPieces: Sendable {
    enum Piece: Sendable {
        case original(ByteRange)
        case new([UInt8])
        case content(TensorContent)

        var count: Int {
            switch self {
            case .original(let range): range.range.count
            case .new(let bytes): bytes.count
            case .content(let content): content.count
            }
        }
    }

    /// What is copied from.
    let source: GraphBytes
    private(set) var pieces: [Piece] = []
    /// Length of the whole.
    private(set) var count = 0

    init(source: GraphBytes) { self.source = source }

    /// Appends bytes of the source; a range that follows the last one grows it, so that untouched stretches go out in one piece.
    mutating func append(_ range: ByteRange) {
        self.count += range.range.count
        if case .original(let last)? = self.pieces.last, last.range.upperBound == range.range.lowerBound {
            self.pieces[self.pieces.count - 1] = .original(ByteRange(last.range.lowerBound..<range.range.upperBound))
        } else {
            self.pieces.append(.original(range))
        }
    }

    mutating func append(new bytes: [UInt8]) {
        self.count += bytes.count
        self.pieces.append(.new(bytes))
    }

    /// Appends elements that are made when they are written.
    mutating func append(_ content: TensorContent) {
        self.count += content.count
        self.pieces.append(.content(content))
    }

    /// Appends the bytes to a file: long stretches of the source straight from where they lie, everything short gathered into chunks.
    func write(to file: borrowing OutputFile) throws {
        var gathered: [UInt8] = []
        for piece in self.pieces {
            if piece.count >= Self.longEnough {
                try file.write(gathered.span)
                gathered.removeAll(keepingCapacity: true)
            }
            switch piece {
            case .original(let range) where range.range.count >= Self.longEnough: try self.source.copy(range.range, to: file)
            case .original(let range): gathered += self.source[range.range]
            case .new(let bytes): gathered += bytes
            case .content(let content) where content.count >= Self.longEnough: try content.forEachChunk(in: self.source) { try file.write($0) }
            case .content(let content): gathered += content.joined(in: self.source)
            }
            if gathered.count >= Self.longEnough {
                try file.write(gathered.span)
                gathered.removeAll(keepingCapacity: true)
            }
        }
        try file.write(gathered.span)
    }

    /// From this length on a piece goes out by itself.
    private static let longEnough = 1 << 16

    /// The whole in memory.
    func joined() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(self.count)
        for piece in self.pieces {
            switch piece {
            case .original(let range): bytes += self.source[range.range]
            case .new(let new): bytes += new
            case .content(let content): bytes += content.joined(in: self.source)
            }
        }
        return bytes
    }
}
