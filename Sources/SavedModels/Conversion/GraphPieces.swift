// SPDX-License-Identifier: Apache-2.0

/// A graph put together from ranges of another and a few new bytes.
struct GraphPieces: Sendable {
    enum Piece: Sendable {
        case original(ByteRange)
        case new([UInt8])

        var count: Int {
            switch self {
            case .original(let range): range.range.count
            case .new(let bytes): bytes.count
            }
        }
    }

    /// What is copied from.
    let source: [UInt8]
    private(set) var pieces: [Piece] = []
    /// Length of the whole.
    private(set) var count = 0

    init(source: [UInt8]) { self.source = source }

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

    /// Hands out the bytes in order: long stretches of the source as they lie, everything short gathered into chunks.
    func forEachChunk(_ body: (Span<UInt8>) throws -> Void) throws {
        let longEnough = 1 << 16
        var gathered: [UInt8] = []
        for piece in self.pieces {
            if case .original(let range) = piece, piece.count >= longEnough {
                if !gathered.isEmpty { try body(gathered.span) }
                gathered.removeAll(keepingCapacity: true)
                try body(self.source.span.extracting(range.range))
                continue
            }
            switch piece {
            case .original(let range): gathered += self.source[range.range]
            case .new(let bytes): gathered += bytes
            }
            if gathered.count >= longEnough {
                try body(gathered.span)
                gathered.removeAll(keepingCapacity: true)
            }
        }
        if !gathered.isEmpty { try body(gathered.span) }
    }

    /// The whole in memory.
    func joined() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(self.count)
        for piece in self.pieces {
            switch piece {
            case .original(let range): bytes += self.source[range.range]
            case .new(let new): bytes += new
            }
        }
        return bytes
    }
}
