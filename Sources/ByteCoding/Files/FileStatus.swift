// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// What the system says about a file: whose it is, who may use it, and whether it is still the same.
package struct FileStatus: Hashable, Sendable {
    /// The permission bits.
    package let permissions: UInt32
    /// User number of the owner.
    package let owner: UInt32
    /// Length in bytes.
    package let size: Int
    /// Whether it is a regular file.
    package let isRegularFile: Bool
    /// Whether it is a folder.
    package let isFolder: Bool
    /// Number of names that it has (hard links).
    package let nameCount: Int

    private let device: UInt64
    private let inode: UInt64
    private let seconds: Int
    private let nanoseconds: Int

    /// Looks at a file, through links.
    package init(path: String) throws(FileError) {
        var status = stat()
        // Sound: the path is lent to the call, which fills the value that is lent beside it.
        guard unsafe stat(path, &status) == 0 else { throw FileError(.open, path: path) }
        #if canImport(Darwin)
            let time = status.st_mtimespec
        #else
            let time = status.st_mtim
        #endif
        self.permissions = UInt32(status.st_mode) & 0o777
        self.owner = UInt32(status.st_uid)
        self.size = Int(status.st_size)
        self.isRegularFile = status.st_mode & S_IFMT == S_IFREG
        self.isFolder = status.st_mode & S_IFMT == S_IFDIR
        self.nameCount = Int(status.st_nlink)
        self.device = UInt64(truncatingIfNeeded: status.st_dev)
        self.inode = UInt64(status.st_ino)
        self.seconds = Int(time.tv_sec)
        self.nanoseconds = Int(time.tv_nsec)
    }
}
