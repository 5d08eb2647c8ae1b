// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Bytes that must not outlive their use: owned by one place, never copied implicitly, wiped when released.
///
/// Cipher keys belong in `SymmetricKey`, which does the same; this is for secrets that are not keys of a cipher.
@safe
public struct SecretBytes: ~Copyable, @unchecked Sendable {
    // Proof for @unchecked Sendable: the storage is uniquely owned (the type is non-copyable and never hands the pointer
    // out), written only in the initializer and read only through a borrow, so no two threads can write, or read and write, at once.
    private let storage: UnsafeMutableBufferPointer<UInt8>

    /// Copies `bytes`; wiping the source is the caller's business.
    public init(copying bytes: Span<UInt8>) {
        let storage = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
        for index in bytes.indices { unsafe storage[index] = bytes[index] }
        unsafe self.storage = storage
    }

    deinit {
        if let start = unsafe self.storage.baseAddress { unsafe wipe(start, byteCount: self.storage.count) }
        unsafe self.storage.deallocate()
    }

    /// Number of bytes.
    public var count: Int { unsafe self.storage.count }

    /// Lends the bytes for the duration of `body`.
    public borrowing func withBytes<Result: ~Copyable, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(unsafe Span(_unsafeElements: UnsafeBufferPointer(self.storage)))
    }
}

/// Overwrites memory in a way that the optimiser may not remove.
package func wipe(_ bytes: inout [UInt8]) {
    let count = bytes.count
    unsafe bytes.withUnsafeMutableBytes { buffer in
        if let start = buffer.baseAddress { unsafe wipe(start, byteCount: count) }
    }
}

/// Overwrites memory in a way that the optimiser may not remove.
package func wipe(_ start: UnsafeMutableRawPointer, byteCount: Int) {
    #if canImport(Darwin)
        unsafe memset_s(start, byteCount, 0, byteCount)
    #else
        unsafe explicit_bzero(start, byteCount)
    #endif
}
