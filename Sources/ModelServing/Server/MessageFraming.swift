// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Follows the messages in a gRPC stream: each is preceded by a byte that tells whether it is compressed, and its length in four bytes, most
/// significant first.
struct MessageFraming {
    private static let prefixSize = 5

    /// How much of a prefix has been read.
    private var prefixCount = 0
    private var length: UInt32 = 0
    /// How many bytes of the message are still to come.
    private var bytesLeft = 0

    /// Reads the next bytes of the stream.
    ///
    /// - Returns: the length of the first message longer than `limit`, as soon as its prefix is there; nothing is to be read after it.
    mutating func findMessage(longerThan limit: Int, in bytes: ByteBuffer) -> Int? {
        var bytes = bytes
        while bytes.readableBytes > 0 {
            let skipped = min(self.bytesLeft, bytes.readableBytes)
            bytes.moveReaderIndex(forwardBy: skipped)
            self.bytesLeft -= skipped
            guard self.bytesLeft == 0, let byte = bytes.readInteger(as: UInt8.self) else { continue }
            // The first byte is shifted out by the four of the length.
            self.length = self.length << 8 | UInt32(byte)
            self.prefixCount += 1
            guard self.prefixCount == Self.prefixSize else { continue }
            guard self.length <= limit else { return Int(self.length) }
            self.bytesLeft = Int(self.length)
            self.prefixCount = 0
        }
        return nil
    }
}
