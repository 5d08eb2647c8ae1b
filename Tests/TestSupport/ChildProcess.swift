// SPDX-License-Identifier: Apache-2.0

package import Foundation
import Synchronization

/// A program that a test starts and waits for where it cannot be asynchronous.
///
/// In place of Foundation's `Process`, which ends a test run by a segmentation fault now and then: on Linux it copies entries of `/proc/self/fd`
/// whole, although the last ones end where the memory ends (seen with the address sanitizer in `findMaximumOpenFromProcSelfFD`).
package final class ChildProcess: Sendable {
    package struct NotStarted: Error {
        let program: String
        let systemError: Int32
    }

    private let identifier: pid_t
    private let status = Mutex<Int32?>(nil)

    /// Starts a program, which is looked for in `PATH`; what it says to standard error is discarded.
    ///
    /// `standardOutput`: where its output goes; to that of the tests unless given.
    package init(_ program: String, _ arguments: [String], standardOutput: FileHandle? = nil) throws {
        var actions = unsafe posix_spawn_file_actions_t()
        // Sound: everything that the calls are given outlives them.
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        if let standardOutput { unsafe posix_spawn_file_actions_adddup2(&actions, standardOutput.fileDescriptor, STDOUT_FILENO) }
        let words = unsafe ([program] + arguments).map { unsafe strdup($0) }
        let variables = unsafe ProcessInfo.processInfo.environment.map { unsafe strdup("\($0)=\($1)") }
        defer { unsafe (words + variables).forEach { unsafe free($0) } }
        var identifier = pid_t()
        let failure = unsafe posix_spawnp(&identifier, program, &actions, nil, words + [nil], variables + [nil])
        guard failure == 0 else { throw NotStarted(program: program, systemError: failure) }
        self.identifier = identifier
    }

    deinit {
        self.terminate()
        _ = self.wait()
    }

    /// Sends SIGTERM unless its end was waited for already.
    package func terminate() {
        self.status.withLock { status in
            if status == nil { kill(self.identifier, SIGTERM) }
        }
    }

    /// Waits for its end and returns its exit status, or minus the number of the signal that ended it.
    package func wait() -> Int32 {
        // Without the lock, so that it can be told to end meanwhile; its number is nobody else's until it is taken off below.
        var information = unsafe siginfo_t()
        while unsafe waitid(P_PID, id_t(self.identifier), &information, WEXITED | WNOWAIT) < 0, errno == EINTR {}
        return self.status.withLock { status in
            if let status { return status }
            var raw: Int32 = 0
            while unsafe waitpid(self.identifier, &raw, 0) < 0, errno == EINTR {}
            let signal = raw & 0x7f
            let ended = signal == 0 ? (raw >> 8) & 0xff : -signal
            status = ended
            return ended
        }
    }

    /// Runs a program to its end and returns its exit status.
    package static func run(_ program: String, _ arguments: [String]) throws -> Int32 { try ChildProcess(program, arguments).wait() }
}
