// SPDX-License-Identifier: Apache-2.0

internal import ProtectedFiles
internal import Synchronization

/// What was decrypted last of a sealed file, for reads that overlap.
///
/// TensorFlow restores variables one after the other and reads ahead a mebibyte or more for each, most of which it throws away and asks for
/// again with the next: without this a checkpoint is decrypted more than three times over.
final class ReadWindow: Sendable {
    private struct Block: Sendable {
        let number: Int
        let bytes: [UInt8]
    }

    /// Bytes that are decrypted at once.
    private static let blockSize = 512 << 10
    /// How many blocks are kept: what a read ahead reaches over.
    private static let blockCount = 4
    /// Reads from this size on go to the file: they gain nothing, and may be under way on several threads.
    private static let directSize = blockSize * blockCount

    private let reader: ProtectedFileReader
    private let blocks = Mutex<[Block]>([])

    init(_ reader: ProtectedFileReader) { self.reader = reader }

    /// Reads plaintext into memory of the caller, as ``ProtectedFileReader/read(at:into:)``.
    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        guard buffer.count < Self.directSize else { return try unsafe self.reader.read(at: offset, into: buffer) }
        let end = min(self.reader.size, offset + buffer.count)
        var position = offset
        while position < end {
            let (number, start) = position.quotientAndRemainder(dividingBy: Self.blockSize)
            let block = try self.block(number)
            let count = min(block.count - start, end - position)
            // Sound: `count` bytes are left in the block and, since `end` lies within it, in the buffer; `copyMemory` checks the latter.
            unsafe block.withUnsafeBytes { block in
                unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[(position - offset)...])
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: block[start..<start + count]))
            }
            position += count
        }
        return max(0, end - offset)
    }

    /// A block of the file; the last one is shorter.
    private func block(_ number: Int) throws -> [UInt8] {
        if let kept = self.blocks.withLock({ $0.first { $0.number == number } }) { return kept.bytes }
        let bytes = try self.reader.read(at: number * Self.blockSize, count: Self.blockSize)
        self.blocks.withLock { blocks in
            if blocks.count == Self.blockCount { blocks.removeFirst() }
            blocks.append(Block(number: number, bytes: bytes))
        }
        return bytes
    }
}
