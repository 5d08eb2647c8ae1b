// SPDX-License-Identifier: Apache-2.0

import SavedModels
import TensorFlowRuntime

/// Tensors as rows: what lies along their first dimension.
extension Tensor {
    /// The highest number of dimensions that can be padded, as in TensorFlow Serving.
    private static let maximumPaddedRank = 6

    /// Puts tensors of one type, whose shapes differ in the first dimension alone, one below the other.
    init(joiningRows tensors: [Tensor]) throws {
        guard let first = tensors.first else { throw RequestError(.internalError, "no tensors to join") }
        guard tensors.count > 1 else {
            self = first
            return
        }
        let shape = [tensors.reduce(0) { $0 + ($1.shape.first ?? 0) }] + first.shape.dropFirst()
        if first.dataType == .string {
            try self.init(strings: tensors.flatMap { $0.strings ?? [] }, shape: shape)
            return
        }
        try unsafe self.init(dataType: first.dataType, shape: shape) { target in
            var offset = 0
            for tensor in tensors {
                tensor.withBytes { bytes in
                    // Sound: the shapes say that the parts fill the target, and the slice is bounds-checked against it.
                    let part = unsafe UnsafeMutableRawBufferPointer(rebasing: target[offset..<offset + bytes.count])
                    unsafe bytes.withUnsafeBytes { unsafe part.copyMemory(from: $0) }
                    offset += bytes.count
                }
            }
        }
    }

    /// Some of the rows; the tensor itself for all of them.
    func rows(_ range: Range<Int>) throws -> Tensor {
        guard let count = self.shape.first, range != 0..<count else { return self }
        let shape = [range.count] + self.shape.dropFirst()
        let rowElements = count == 0 ? 0 : self.elementCount / count
        if let strings = self.strings {
            return try Tensor(strings: Array(strings[range.lowerBound * rowElements..<range.upperBound * rowElements]), shape: shape)
        }
        return try self.withBytes { bytes throws in
            let rowBytes = count == 0 ? 0 : bytes.count / count
            let part = bytes.extracting(range.lowerBound * rowBytes..<range.upperBound * rowBytes)
            // Sound: every byte of a tensor is initialized.
            return try unsafe Tensor(dataType: self.dataType, shape: shape, copying: part.bytes)
        }
    }

    /// A tensor of `count` rows that all are this one's first, which must be there.
    func repeatingFirstRow(_ count: Int) throws -> Tensor {
        let row = try self.rows(0..<1)
        let shape = [count] + self.shape.dropFirst()
        if let strings = row.strings {
            return try Tensor(strings: row.elementCount == 0 ? [] : (0..<count).flatMap { _ in strings }, shape: shape)
        }
        return try row.withBytes { bytes throws in
            try unsafe Tensor(dataType: self.dataType, shape: shape) { target in
                guard bytes.count > 0 else { return }
                for start in stride(from: 0, to: target.count, by: bytes.count) {
                    // Sound: the target has `count` times the row's bytes, and the slice is bounds-checked against it.
                    let part = unsafe UnsafeMutableRawBufferPointer(rebasing: target[start..<start + bytes.count])
                    unsafe bytes.withUnsafeBytes { unsafe part.copyMemory(from: $0) }
                }
            }
        }
    }

    /// The bytes that the elements take.
    var elementBytes: Int {
        guard let strings = self.strings else { return self.elementCount * (self.dataType.elementSize ?? 0) }
        return strings.reduce(0) { $0 + MemoryLayout<[UInt8]>.stride + $1.count }
    }

    /// The bytes that one element of padding takes.
    var paddingElementSize: Int {
        guard let strings = self.strings else { return self.dataType.elementSize ?? 0 }
        return MemoryLayout<[UInt8]>.stride + (strings.map(\.count).max() ?? 0)
    }

    /// The tensor with every dimension but the first enlarged at its end, filled with its own first value.
    func padded(to dimensions: [Int]) throws -> Tensor {
        let old = Array(self.shape.dropFirst())
        guard old != dimensions else { return self }
        guard self.shape.count <= Self.maximumPaddedRank else {
            throw RequestError(.invalidArgument, "Only tensors with rank from 1 to 6 can be padded.")
        }
        guard self.elementCount > 0 else { throw RequestError(.invalidArgument, "Got empty tensor in batch of non-empty tensors.") }
        let shape = [self.shape[0]] + dimensions
        let runs = PaddedRuns(from: self.shape, to: shape)
        if let strings = self.strings {
            var padded = Array(repeating: strings[0], count: shape.reduce(1, *))
            for (source, target) in runs { padded.replaceSubrange(target..<target + runs.length, with: strings[source..<source + runs.length]) }
            return try Tensor(strings: padded, shape: shape)
        }
        return try self.withBytes { bytes throws in
            let size = bytes.count / self.elementCount
            return try unsafe Tensor(dataType: self.dataType, shape: shape) { target in
                for start in stride(from: 0, to: target.count, by: size) {
                    for index in 0..<size { unsafe target[start + index] = bytes[index] }
                }
                for (source, place) in runs {
                    let part = unsafe UnsafeMutableRawBufferPointer(rebasing: target[place * size..<(place + runs.length) * size])
                    // Sound: both sides are bounds-checked slices of the same length.
                    unsafe bytes.extracting(source * size..<(source + runs.length) * size).withUnsafeBytes { unsafe part.copyMemory(from: $0) }
                }
            }
        }
    }
}

/// Where each innermost run of elements goes when a tensor is put into the corner of a larger one.
private struct PaddedRuns: Sequence {
    private let old: [Int]
    private let new: [Int]
    /// How many elements a run has.
    let length: Int

    init(from old: [Int], to new: [Int]) {
        self.old = Array(old.dropLast())
        self.new = Array(new.dropLast())
        self.length = old.last ?? 1
        self.newLength = new.last ?? 1
    }

    private let newLength: Int

    func makeIterator() -> AnyIterator<(source: Int, target: Int)> {
        let count = self.old.reduce(1, *)
        var run = 0
        return AnyIterator {
            guard run < count else { return nil }
            defer { run += 1 }
            // The run's position in the small tensor, and the same position counted in the large one.
            var rest = run
            var place = 0
            var stride = 1
            for (small, large) in zip(self.old, self.new).reversed() {
                place += rest % small * stride
                rest /= small
                stride *= large
            }
            return (run * self.length, place * self.newLength)
        }
    }
}
