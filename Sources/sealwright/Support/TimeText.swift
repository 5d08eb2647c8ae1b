// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Times in options.
enum TimeText {
    /// Reads seconds since 1970 or ISO 8601; now for no text.
    static func date(_ text: String?, option: String) throws -> Date {
        guard let text else { return Date() }
        if let seconds = Double(text), seconds.isFinite { return Date(timeIntervalSince1970: seconds) }
        guard let date = try? Date(text, strategy: .iso8601) else {
            throw CommandFailure(
                "invalid-time", "\(option) \(text) is neither seconds nor ISO 8601", remedy: "write 1757310618 or 2025-09-08T05:50:18Z")
        }
        return date
    }
}
