// SPDX-License-Identifier: Apache-2.0

/// Something in a manifest that is wrong or probably not meant.
public struct ManifestFinding: Hashable, Sendable, Codable {
    /// How bad it is.
    public enum Severity: String, Hashable, Sendable, Codable, Comparable {
        /// The enclave does not start, does not work, or does not protect.
        case error
        /// It works, and costs security or speed.
        case warning
        /// Worth knowing.
        case note

        /// The worse one is smaller, so that it comes first.
        public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

        private var rank: Int {
            switch self {
            case .error: 0
            case .warning: 1
            case .note: 2
            }
        }
    }

    /// Stable name of the rule, in kebab case.
    public let rule: String
    /// How bad it is.
    public let severity: Severity
    /// The key, and the value where it is one of several.
    public let key: String
    /// What is wrong and what follows from it.
    public let message: String
    /// What to write instead.
    public let remedy: String
}

extension ManifestFinding: CustomStringConvertible {
    /// Two lines.
    public var description: String { "\(self.severity.rawValue): \(self.key): \(self.message) [\(self.rule)]\n  what to do: \(self.remedy)" }
}
