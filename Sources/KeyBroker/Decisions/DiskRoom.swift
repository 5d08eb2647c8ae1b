// SPDX-License-Identifier: Apache-2.0

import ByteCoding

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// How much room is left where decisions are recorded.
struct DiskRoom {
    /// Room without which a broker is not taken to be able to record, at first and after a disk was full, in bytes: some decisions with long reports.
    private static let needed: UInt64 = 256 << 10

    private let status: statvfs

    /// Looks at the file system of a file that is open.
    ///
    /// - Throws: a file error, naming `path`.
    init(of descriptor: Int32, path: String) throws(FileError) {
        var status = statvfs()
        // Sound: the structure is filled while it is lent.
        guard unsafe fstatvfs(descriptor, &status) == 0 else { throw FileError(.read, path: path) }
        self.status = status
    }

    /// Looks at the file system that a file is on.
    ///
    /// - Throws: a file error.
    init(atPath path: String) throws(FileError) {
        var status = statvfs()
        // Sound: the path is lent to the call as a terminated string, and the structure is filled while it is lent.
        guard unsafe statvfs(path, &status) == 0 else { throw FileError(.read, path: path) }
        self.status = status
    }

    /// Whether there is room for some decisions.
    var isEnough: Bool { UInt64(self.status.f_bavail) * UInt64(self.status.f_frsize) >= Self.needed }
}
