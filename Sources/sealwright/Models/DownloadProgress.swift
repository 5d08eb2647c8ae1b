// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// How far a download is, and a line on the terminal that tells it.
final class DownloadProgress: Sendable {
    private let state = Mutex<(done: Int, total: Int?)>((0, nil))

    func update(_ done: Int, _ total: Int?) { self.state.withLock { $0 = (done, total) } }

    /// Runs `body`; from a second on, a terminal shows bytes, rate and time left.
    static func showing<Result: Sendable>(_ body: @escaping @Sendable (DownloadProgress) async throws -> Result) async throws -> Result {
        let progress = DownloadProgress()
        let display = isatty(STDERR_FILENO) == 1
        return try await withThrowingTaskGroup(of: Void.self) { group in
            if display { group.addTask { await progress.show() } }
            defer { group.cancelAll() }
            return try await body(progress)
        }
    }

    private func show() async {
        let start = ContinuousClock.now
        var isShown = false
        while (try? await Task.sleep(for: isShown ? .milliseconds(200) : .seconds(1))) != nil {
            StandardError.write("\r\u{1b}[K" + self.text(since: start))
            isShown = true
        }
        if isShown { StandardError.write("\r\u{1b}[K") }
    }

    private func text(since start: ContinuousClock.Instant) -> String {
        let (done, total) = self.state.withLock { $0 }
        let rate = Double(done) / max(0.001, start.duration(to: .now) / .seconds(1))
        let sofar = String(format: "%.0f MB at %.1f MB/s", Double(done) / 1e6, rate / 1e6)
        guard let total, total > 0, rate > 0 else { return sofar }
        return sofar + String(format: " (%.0f %%, %.0f s left)", 100 * Double(done) / Double(total), max(0, Double(total - done)) / rate)
    }
}
