// SPDX-License-Identifier: Apache-2.0

import Foundation
import ProtectedFiles
import Synchronization

/// Long blocking work of a command: on a thread of its own, with its progress on a terminal, stopped by Ctrl-C.
enum LongWork {
    /// Runs `body`, which stops soon after its progress is cancelled.
    static func run<Result: Sendable>(
        showingProgress: Bool, _ body: @escaping @Sendable (ProtectedFileProgress) throws -> Result
    ) async throws -> Result {
        let progress = ProtectedFileProgress()
        let result = Mutex<Result?>(nil)
        let display = showingProgress && isatty(STDERR_FILENO) == 1
        try await interruptible {
            try await withThrowingTaskGroup(of: Void.self) { group in
                if display { group.addTask { await ProgressLine(progress).show() } }
                let value = try await Self.onOwnThread(progress, body)
                result.withLock { $0 = value }
                group.cancelAll()
            }
        }
        guard let value = result.withLock({ $0 }) else { throw Interrupted() }
        return value
    }

    private static func onOwnThread<Result: Sendable>(
        _ progress: ProtectedFileProgress, _ body: @escaping @Sendable (ProtectedFileProgress) throws -> Result
    ) async throws -> Result {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Result, any Error>) in
                Thread { continuation.resume(with: Swift.Result { try body(progress) }) }.start()
            }
        } onCancel: {
            progress.cancel()
        }
    }
}

/// One line on the terminal that tells how far long work is: after a second, then five times a second.
private struct ProgressLine {
    private let progress: ProtectedFileProgress
    private let start = ContinuousClock.now

    init(_ progress: ProtectedFileProgress) { self.progress = progress }

    /// Shows the line until the task is cancelled, and then takes it away.
    func show() async {
        var isShown = false
        while (try? await Task.sleep(for: isShown ? .milliseconds(200) : .seconds(1))) != nil {
            StandardError.write("\r\u{1b}[K" + self.text)
            isShown = true
        }
        if isShown { StandardError.write("\r\u{1b}[K") }
    }

    private var text: String {
        let elapsed = self.start.duration(to: .now)
        return ProgressText(
            bytesDone: self.progress.bytesDone, bytesTotal: self.progress.bytesTotal, filesDone: self.progress.filesDone, elapsed: elapsed
        ).description
    }
}
