// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file or folder that could not be read or made.
package struct FileError: DiagnosableError, Hashable {
    /// What was being done when it failed.
    package enum Operation: String, Sendable {
        case open, read, create, write, publish
    }

    package let operation: Operation
    package let path: String
    /// The system's error number, `errno`.
    package let systemError: Int32
    /// The most bytes that are read, where the file has more.
    private let limit: Int?
    /// What to do, where the one who met the error knows better than its number does.
    private let ownRemedy: String?

    package init(_ operation: Operation, path: String, systemError: Int32 = errno, remedy: String? = nil) {
        self.operation = operation
        self.path = path
        self.systemError = systemError
        self.limit = nil
        self.ownRemedy = remedy
    }

    private init(tooLarge path: String, limit: Int) {
        self.operation = .read
        self.path = path
        self.systemError = EFBIG
        self.limit = limit
        self.ownRemedy = nil
    }

    /// A file that has more bytes than anything of its kind.
    package static func tooLarge(_ path: String, limit: Int) -> FileError { FileError(tooLarge: path, limit: limit) }

    package var identifier: String {
        if self.limit != nil { return "file-too-large" }
        return switch self.operation {
        case .open, .read: "unreadable-file"
        case .create, .write: "unwritable-file"
        case .publish: self.systemError == EEXIST ? "output-exists" : "unwritable-file"
        }
    }

    package var message: String {
        if let limit { return "\(self.path) is too large: at most \(limit) bytes are read here" }
        return "cannot \(self.operation.rawValue) \(self.path): \(systemErrorDescription(self.systemError))"
    }

    package var remedy: String? {
        if self.limit != nil { return "check that it is the right file" }
        if let ownRemedy { return ownRemedy }
        return switch self.systemError {
        case EEXIST, ENOTEMPTY: "choose another output, or pass --force to replace it"
        case ENOENT: "check the path; folders on the way must exist"
        case ENOTDIR: "check the path; a file stands where a folder must be"
        case EISDIR: "name a file, not a folder"
        case EINVAL: "name a regular file"
        case ELOOP: "name the file itself: symbolic links lead in a circle, or folders lie too deep in each other"
        case ENAMETOOLONG: "choose a shorter path; most file systems allow 255 bytes for a name and 4095 for a path"
        case EACCES, EPERM: "check the permissions of the path and of its folder"
        case EROFS: "choose a place that can be written to"
        case ENOSPC, EDQUOT: "free some space and try again; nothing was left behind"
        case EFBIG: "allow larger files (ulimit -f), or choose another file system; nothing was left behind"
        case EMFILE, ENFILE: "allow more open files (ulimit -n), or use fewer --jobs"
        case EIO: "check the storage: the system could not use it"
        default: "see whether other programs can use the path; the message is the system's"
        }
    }

    package var exitStatus: ExitStatus {
        if self.limit != nil { return .badData }
        return switch self.operation {
        case .open: .noInput
        case .read, .write: .inputOutput
        case .create, .publish: .cannotCreate
        }
    }
}

/// The system's text for an error number.
package func systemErrorDescription(_ number: Int32) -> String {
    unsafe String(cString: strerror(number))
}
