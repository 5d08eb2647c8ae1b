// SPDX-License-Identifier: Apache-2.0

public import Attestation
import Crypto

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// SHA-256 digest of an audit record and, through the record before it, of the whole log up to there.
public struct AuditHash: FixedSizeBytes {
    /// Number of bytes of every value.
    public static let size = 32
    /// The bytes of the digest.
    public let bytes: [UInt8]

    /// Takes exactly ``size`` bytes; `nil` for any other number.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.size else { return nil }
        self.bytes = bytes
    }

    private init(_ hash: SHA256) { self.bytes = Array(hash.finalize()) }

    /// What stands before the first record: a digest of the store's identifier, so that no log passes for another store's.
    static func start(ofStore identifier: [UInt8]) -> AuditHash {
        var hash = SHA256()
        hash.update(data: Array("sealwright audit log v1 start\0".utf8))
        hash.update(data: identifier)
        return AuditHash(hash)
    }

    /// Digests a record: every field with its length, so that no two records have the same bytes.
    init(of draft: AuditRecord.Draft, sequence: Int64, after previous: AuditHash) {
        var hash = SHA256()
        hash.update(data: Self.recordLabel)
        hash.update(data: previous.bytes)
        Self.update(&hash, UInt64(bitPattern: sequence))
        Self.update(&hash, UInt64(bitPattern: draft.time))
        for field in [draft.kind.rawValue, draft.peer, draft.secret, draft.rule, draft.failedCheck, draft.body] {
            guard let field else {
                Self.update(&hash, Self.absent)
                continue
            }
            var text = field
            text.withUTF8 { bytes in
                Self.update(&hash, UInt64(bytes.count))
                // Sound: the bytes are read while they are lent.
                unsafe hash.update(bufferPointer: UnsafeRawBufferPointer(bytes))
            }
        }
        self.init(hash)
    }

    private static let recordLabel = Array("sealwright audit record v1\0".utf8)
    /// The length of a field that is not there; no text is that long.
    private static let absent = UInt64.max

    private static func update(_ hash: inout SHA256, _ value: UInt64) {
        // Sound: the bytes are read while they are lent.
        unsafe withUnsafeBytes(of: value.bigEndian) { bytes in
            unsafe hash.update(bufferPointer: bytes)
        }
    }
}
