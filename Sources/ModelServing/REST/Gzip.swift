// SPDX-License-Identifier: Apache-2.0

import CZlib

/// The gzip format (RFC 1952).
enum Gzip {
    /// Why bytes are not decompressed.
    enum Failure: Error {
        /// They are not gzip, end early, or go on with something else.
        case damaged
        /// They hold more than was allowed.
        case tooLarge
        /// They hold more than ``memberLimit`` members.
        case tooManyMembers
    }

    private static let chunkSize = 64 << 10

    /// The most members that are read: each costs time, however short it is.
    static let memberLimit = 1 << 16

    /// Decompresses all members (section 2.2), one after another.
    ///
    /// - Throws: ``Failure``; ``Failure/tooLarge`` for more than `limit` bytes.
    static func decompress(_ bytes: [UInt8], limit: Int) throws(Failure) -> [UInt8] {
        var output: [UInt8] = []
        var rest = bytes[...]
        var members = 0
        repeat {
            members += 1
            guard members <= Self.memberLimit else { throw .tooManyMembers }
            rest = rest.suffix(try Self.decompressMember(rest, to: &output, limit: limit))
        } while !rest.isEmpty
        return output
    }

    /// Decompresses the first member.
    ///
    /// - Returns: how many bytes come after it.
    private static func decompressMember(_ bytes: ArraySlice<UInt8>, to output: inout [UInt8], limit: Int) throws(Failure) -> Int {
        guard let count = UInt32(exactly: bytes.count) else { throw .tooLarge }
        // Sound: the inflater reads the input and writes each piece of output only while they are lent to it here.
        return try unsafe bytes.withUnsafeBufferPointer { input throws(Failure) -> Int in
            guard let inflater = unsafe sealwright_inflater_create(sealwright_gzip, input.baseAddress, count) else { throw .damaged }
            defer { unsafe sealwright_inflater_destroy(inflater) }
            while true {
                var status = sealwright_inflate_damaged
                output.append(
                    contentsOf: unsafe [UInt8](unsafeUninitializedCapacity: Self.chunkSize) { piece, pieceCount in
                        var written: UInt32 = 0
                        unsafe status = sealwright_inflater_next(inflater, piece.baseAddress, UInt32(piece.count), &written)
                        pieceCount = Int(written)
                    })
                guard output.count <= limit else { throw .tooLarge }
                guard status != sealwright_inflate_damaged else { throw .damaged }
                if status == sealwright_inflate_end { return Int(unsafe sealwright_inflater_unread(inflater)) }
            }
        }
    }
}
