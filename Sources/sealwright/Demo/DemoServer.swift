// SPDX-License-Identifier: Apache-2.0

/// Where a server that the demo started listens.
struct DemoServer: Sendable {
    let port: Int

    /// Reads the line with which our servers announce that they are ready, or returns `nil` for any other line.
    init?(readyLine line: String) {
        let words = line.split(whereSeparator: \.isWhitespace)
        guard words.first == "ready", words.count >= 2, let colon = words[1].lastIndex(of: ":"),
            let port = Int(words[1][words[1].index(after: colon)...])
        else { return nil }
        self.port = port
    }
}
