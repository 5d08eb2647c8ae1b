// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import UnixSignals

/// Runs `body` so that Ctrl-C and SIGTERM cancel it instead of ending the process at once, and it can tidy up.
///
/// - Throws: ``Interrupted`` after a signal, once `body` has returned; else what `body` throws.
func interruptible(_ body: @escaping @Sendable () async throws -> Void) async throws {
    let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
    try await withThrowingTaskGroup(of: Bool.self) { group in
        group.addTask {
            try await body()
            return false
        }
        group.addTask {
            for await _ in signals { return true }
            return false
        }
        let wasInterrupted = try await group.next() ?? false
        group.cancelAll()
        if wasInterrupted {
            // What the body throws while it is being cancelled says nothing that the signal has not said.
            _ = await group.nextResult()
            throw Interrupted()
        }
    }
}

/// A signal asked the command to stop.
struct Interrupted: DiagnosableError {
    let identifier = "interrupted"
    let message = "stopped by a signal before the end"
    let remedy: String? = "nothing was left behind; run the command again"
    let exitStatus = ExitStatus.interrupted
}
