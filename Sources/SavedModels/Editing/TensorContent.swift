// SPDX-License-Identifier: Apache-2.0

import ByteCoding

/// The elements of a tensor as they will be written: row-major and little-endian, made piece by piece when they are asked for.
///
/// Folding and decoding cost no memory this way, however large the weights are.
struct TensorContent: Sendable {
    private enum Source: Sendable {
        case original(ByteRange)
        case made([UInt8])
    }

    /// How many bytes are made at a time; a multiple of every element's size.
    private static let chunkSize = 1 << 20

    private let source: Source
    /// What the elements, floats, are multiplied by in turn; empty for none.
    private let factors: [Double]
    private let elementSize: Int
    /// Number of bytes.
    ///
    /// Where the source has fewer, its last element is repeated, or zero if it has none.
    let count: Int

    /// Whether the source has every element, so that none is repeated.
    var isWhole: Bool {
        switch self.source {
        case .original(let range): range.range.count == self.count
        case .made(let bytes): bytes.count == self.count
        }
    }

    private init(_ source: Source, factors: [Double], elementSize: Int, count: Int) {
        self.source = source
        self.factors = factors
        self.elementSize = elementSize
        self.count = count
    }

    /// Bytes of the source graph.
    init(original range: Range<Int>) {
        self.init(.original(ByteRange(range)), factors: [], elementSize: 1, count: range.count)
    }

    /// Bytes of our own, with the last element repeated until there are `count` of them.
    init(_ bytes: [UInt8], elementSize: Int, count: Int) {
        self.init(.made(bytes), factors: [], elementSize: elementSize, count: count)
    }

    /// Floats of our own.
    init(_ floats: [Float]) {
        let bytes = floats.flatMap { float in (0..<4).map { UInt8(truncatingIfNeeded: float.bitPattern >> ($0 * 8)) } }
        self.init(bytes, elementSize: 4, count: bytes.count)
    }

    /// The same floats, each multiplied by the factor of its channel.
    func scaled(by factors: [Double]) -> TensorContent {
        precondition(self.factors.isEmpty && !factors.isEmpty && self.count.isMultiple(of: 4))
        return TensorContent(self.source, factors: factors, elementSize: 4, count: self.count)
    }

    /// Hands out the bytes in order.
    ///
    /// `graph`: the bytes of the source graph.
    func forEachChunk(in graph: GraphBytes, _ body: (Span<UInt8>) throws -> Void) throws {
        let (bytes, range) =
            switch self.source {
            case .original(let range): (graph, range.range)
            case .made(let bytes): (GraphBytes(bytes), 0..<bytes.count)
            }
        var channel = 0
        func emit(_ chunk: Span<UInt8>) throws {
            guard !self.factors.isEmpty else { return try body(chunk) }
            let scaled = FoldedWeights.scale(chunk, by: self.factors, startingAt: channel)
            channel = (channel + chunk.count / 4) % self.factors.count
            try body(scaled.span)
        }
        for start in stride(from: range.lowerBound, to: range.upperBound, by: Self.chunkSize) {
            try emit(bytes.span.extracting(start..<min(start + Self.chunkSize, range.upperBound)))
        }
        guard self.count > range.count else { return }
        let last = range.isEmpty ? Array(repeating: 0, count: self.elementSize) : Array(bytes[range].suffix(self.elementSize))
        let repeated = Array(repeatElement(last, count: min(self.count - range.count, Self.chunkSize) / self.elementSize).joined())
        for start in stride(from: range.count, to: self.count, by: repeated.count) {
            try emit(repeated.span.extracting(0..<min(repeated.count, self.count - start)))
        }
    }

    /// The whole in memory.
    func joined(in graph: GraphBytes) -> [UInt8] {
        var joined: [UInt8] = []
        joined.reserveCapacity(self.count)
        // Nothing in it throws: appending does not, and only the closure could.
        try? self.forEachChunk(in: graph) { joined.append(copying: $0) }
        return joined
    }
}
