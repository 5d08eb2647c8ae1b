// SPDX-License-Identifier: Apache-2.0

package import ByteCoding

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The file operations that configfs-tsm consists of; in configfs each has an effect in the kernel, which tests imitate.
package protocol TSMReportFiles: Sendable {
    /// Makes a folder; in configfs it comes with its attributes.
    func makeFolder(_ path: String) throws(FileError)
    /// Removes a folder, as far as that is possible.
    func removeFolder(_ path: String)
    /// Reads a whole file of at most `limit` bytes.
    func read(_ path: String, limit: Int) throws(FileError) -> [UInt8]
    /// Writes a file in one call.
    func write(_ bytes: [UInt8], to path: String) throws(FileError)
}

/// The system's own file operations.
struct LinuxReportFiles: TSMReportFiles {
    func makeFolder(_ path: String) throws(FileError) {
        // Sound: the path is lent to the call as a terminated string.
        guard unsafe mkdir(path, 0o700) == 0 else { throw FileError(.create, path: path) }
    }

    func removeFolder(_ path: String) {
        // A report that stays costs the kernel some memory and is nobody's error; its name is never used again.
        // Sound: the path is lent to the call as a terminated string.
        _ = unsafe rmdir(path)
    }

    func read(_ path: String, limit: Int) throws(FileError) -> [UInt8] { try DeviceFile.read(path, limit: limit) }

    func write(_ bytes: [UInt8], to path: String) throws(FileError) { try DeviceFile.write(bytes, to: path) }
}
