// SPDX-License-Identifier: Apache-2.0

/// The name of an operation's output, as signatures give it: `operation:port`.
struct TensorName: Hashable {
    let operation: String
    let port: Int

    /// Reads `operation:port`; the port may be left out and is then 0.
    init(_ text: String) throws(TensorFlowError) {
        guard let colon = text.lastIndex(of: ":") else {
            self.operation = text
            self.port = 0
            guard !text.isEmpty, !text.hasPrefix("^") else { throw Self.malformed(text) }
            return
        }
        let digits = text[text.index(after: colon)...]
        guard colon > text.startIndex, let port = Int32(digits), port >= 0, String(port) == digits else { throw Self.malformed(text) }
        self.operation = String(text[..<colon])
        self.port = Int(port)
    }

    private static func malformed(_ text: String) -> TensorFlowError {
        TensorFlowError(.invalidArgument, "unknown-tensor", "\"\(text)\" is not the name of a tensor; expected operation:port")
    }
}
