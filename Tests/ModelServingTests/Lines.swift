// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// What was logged.
final class Lines: Sendable {
    private let lines = Mutex<[String]>([])
    private let (changes, change) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))

    var all: [String] { self.lines.withLock { $0 } }

    func add(_ line: String) {
        self.lines.withLock { $0.append(line) }
        self.change.yield()
    }

    /// Waits until `condition` holds; of several at a time, one alone would be told.
    func wait(until condition: ([String]) -> Bool) async {
        if condition(self.all) { return }
        for await _ in self.changes where condition(self.all) { return }
    }
}
