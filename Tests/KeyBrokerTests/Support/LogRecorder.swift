// SPDX-License-Identifier: Apache-2.0

import Foundation
import KeyBroker
import Logging
import Synchronization
import Testing

/// Keeps what is logged, for tests to look at.
final class LogRecorder: Sendable {
    /// One message.
    struct Line: Decodable, Sendable {
        let level: String
        let message: String
        let metadata: [String: String]
    }

    private let written = Mutex<[Line]>([])

    var lines: [Line] { self.written.withLock { $0 } }

    var logger: Logger {
        Logger(label: "test") { label in
            JSONLogHandler(label: label) { line in
                do {
                    let decoded = try JSONDecoder().decode(Line.self, from: Data(line.utf8))
                    self.written.withLock { $0.append(decoded) }
                } catch {
                    Issue.record("a line of the log is none: \(line): \(error)")
                }
            }
        }
    }

    /// Messages that begin so.
    func lines(_ prefix: String) -> [Line] { self.lines.filter { $0.message.hasPrefix(prefix) } }
}
