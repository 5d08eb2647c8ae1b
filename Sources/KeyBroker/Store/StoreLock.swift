// SPDX-License-Identifier: Apache-2.0

import ByteCoding

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Keeps a second broker off a store, for as long as it lives or its process does.
final class StoreLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock, which is on a file beside the store.
    init(storePath: String) throws {
        let path = storePath + ".lock"
        // Sound: the path is lent to the call as a terminated string.
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError(.create, path: path) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw KeyBrokerError(
                .storeInUse, "another broker serves from the store \(storePath)",
                remedy: "stop it first, or give this one a store of its own; `fuser \(path)` shows the process")
        }
        self.descriptor = descriptor
    }

    deinit { close(self.descriptor) }
}
