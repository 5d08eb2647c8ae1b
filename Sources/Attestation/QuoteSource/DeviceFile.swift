// SPDX-License-Identifier: Apache-2.0

import ByteCoding

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Whole reads and writes of small device files, whose length the file system does not tell.
enum DeviceFile {
    /// Reads a file to its end, which must come within `limit` bytes.
    static func read(_ path: String, limit: Int) throws(FileError) -> [UInt8] {
        let descriptor = try Self.open(path, O_RDONLY)
        defer { close(descriptor) }
        var failure: Int32 = 0
        // One byte more than the limit, so that too long a file shows.
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: limit + 1) { buffer, count in
            // Sound: `count` bytes have been stored, and never more than the buffer has.
            guard let start = buffer.baseAddress else { return }
            while count < buffer.count {
                let got = unsafe read_(descriptor, start + count, buffer.count - count)
                if got > 0 {
                    count += got
                } else if got == 0 {
                    return
                } else if errno != EINTR {
                    failure = errno
                    return
                }
            }
        }
        guard failure == 0 else { throw FileError(.read, path: path, systemError: failure) }
        guard bytes.count <= limit else { throw .tooLarge(path, limit: limit) }
        return bytes
    }

    /// Writes `bytes` in one call.
    ///
    /// Gramine takes them when the file is closed.
    static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
        let descriptor = try Self.open(path, O_WRONLY)
        // Sound: no more than the array's bytes are read, while they are lent.
        let written = unsafe bytes.withUnsafeBufferPointer { unsafe write_(descriptor, $0.baseAddress, $0.count) }
        let failure = errno
        let closed = close(descriptor)
        guard written == bytes.count else { throw FileError(.write, path: path, systemError: written < 0 ? failure : EIO) }
        guard closed == 0 else { throw FileError(.write, path: path) }
    }

    private static func open(_ path: String, _ flags: Int32) throws(FileError) -> Int32 {
        // Sound: the path is lent to the call as a terminated string.
        let descriptor = unsafe open_(path, flags | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(.open, path: path) }
        return descriptor
    }
}

/// `open(2)`, whose name the members of ``DeviceFile`` hide.
private func open_(_ path: UnsafePointer<CChar>, _ flags: Int32) -> Int32 { unsafe open(path, flags) }
/// `read(2)`.
private func read_(_ descriptor: Int32, _ buffer: UnsafeMutablePointer<UInt8>, _ count: Int) -> Int { unsafe read(descriptor, buffer, count) }
/// `write(2)`.
private func write_(_ descriptor: Int32, _ buffer: UnsafePointer<UInt8>?, _ count: Int) -> Int { unsafe write(descriptor, buffer, count) }
