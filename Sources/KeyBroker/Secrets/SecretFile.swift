// SPDX-License-Identifier: Apache-2.0

import ByteCoding

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Secrets on their way into a store.
///
/// Wiping what comes out is the caller's business.
package enum SecretFile {
    /// A wrap key of the system's generator.
    package static func random() -> [UInt8] { RandomBytes.make(StoredSecret.wrapKeySize) }

    /// Reads a file that only its owner may read, or standard input to its end for `-`.
    package static func read(_ path: String) throws -> [UInt8] {
        path == "-" ? try Self.standardInput() : try PrivateFile.read(path, limit: SecretStore.sizeLimit)
    }

    private static func standardInput() throws -> [UInt8] {
        let limit = SecretStore.sizeLimit
        // One byte more than the limit, so that too long a secret shows.
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: limit + 1) { buffer, count in
            // Sound: `count` bytes have been stored, and never more than the buffer has.
            guard let start = buffer.baseAddress else { return }
            while count < buffer.count {
                let got = unsafe systemRead(STDIN_FILENO, start + count, buffer.count - count)
                guard got > 0 else { return }
                count += got
            }
        }
        guard bytes.count <= limit else { throw FileError.tooLarge("standard input", limit: limit) }
        return bytes
    }
}

/// `read(2)`, whose name the member of ``SecretFile`` hides.
private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutablePointer<UInt8>, _ count: Int) -> Int { unsafe read(descriptor, buffer, count) }
