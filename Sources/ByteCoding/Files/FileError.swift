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

    package init(_ operation: Operation, path: String, systemError: Int32 = errno) {
        self.operation = operation
        self.path = path
        self.systemError = systemError
    }

    package var identifier: String {
        switch self.operation {
        case .open, .read: "unreadable-file"
        case .create, .write: "unwritable-file"
        case .publish: self.systemError == EEXIST ? "output-exists" : "unwritable-file"
        }
    }

    package var message: String { "cannot \(self.operation.rawValue) \(self.path): \(systemErrorDescription(self.systemError))" }

    package var remedy: String? {
        switch self.systemError {
        case EEXIST, ENOTEMPTY: "choose another output, or pass --force to replace it"
        case ENOENT: "check the path; folders on the way must exist"
        case EACCES, EPERM: "check the permissions of the path and of its folder"
        case ENOSPC, EDQUOT: "free some space and try again; nothing was left behind"
        default: nil
        }
    }

    package var exitStatus: ExitStatus {
        switch self.operation {
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
