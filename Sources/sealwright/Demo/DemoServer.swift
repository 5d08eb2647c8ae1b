// SPDX-License-Identifier: Apache-2.0

/// Where a server that the demo started listens.
struct DemoServer: Sendable {
    let port: Int
    /// The HTTPS port of a broker, beside its other one.
    let httpsPort: Int?

    /// Reads the line with which our servers announce that they are ready, or returns `nil` for any other line.
    init?(readyLine line: String) {
        let words = line.split(whereSeparator: \.isWhitespace)
        guard words.first == "ready", words.count >= 2, let port = Self.port(words[1]) else { return nil }
        self.port = port
        self.httpsPort = words.count >= 4 && words[2] == "https" ? Self.port(words[3]) : nil
    }

    private static func port(_ address: Substring) -> Int? {
        address.lastIndex(of: ":").flatMap { Int(address[address.index(after: $0)...]) }
    }
}
