// SPDX-License-Identifier: Apache-2.0

import ByteCoding
public import Logging

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Writes log messages as JSON, one object a line, for machines that collect them.
public struct JSONLogHandler: LogHandler {
    /// The least level that is written.
    public var logLevel: Logger.Level = .info
    /// What is written with each message.
    public var metadata: Logger.Metadata = [:]

    private let label: String
    private let write: @Sendable (String) -> Void

    /// Writes each line, with its end, through `write`.
    public init(label: String, write: @escaping @Sendable (String) -> Void) {
        self.label = label
        self.write = write
    }

    /// One value of the metadata.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    /// Writes one message.
    public func log(event: LogEvent) {
        let values = self.metadata.merging(event.metadata ?? [:]) { $1 }.mapValues { "\($0)" }
        let line = Line(
            time: Date().formatted(.iso8601), level: event.level.rawValue, label: self.label, message: "\(event.message)", metadata: values)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(line) else { return }
        self.write(String(decoding: data, as: UTF8.self) + "\n")
    }

    private struct Line: Encodable {
        let time: String
        let level: String
        let label: String
        let message: String
        let metadata: [String: String]
    }
}
