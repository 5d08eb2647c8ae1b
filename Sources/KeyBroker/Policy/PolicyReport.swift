// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// What can be said about a policy that is well-formed.
public struct PolicyReport: Hashable, Sendable, Codable {
    /// The policy file.
    public let file: String
    /// Names of its secrets.
    public let secrets: [String]
    /// Number of its rules.
    public let rules: Int
    /// What the owner should look at, in the file's order.
    public let findings: [PolicyFinding]

    /// Looks at a policy and at the files of its secrets, as of `time`.
    public init(_ policy: Policy, at time: Date) {
        self.file = policy.file
        self.secrets = policy.secrets.map(\.name)
        self.rules = policy.rules.count
        self.findings = (policy.findings(at: time) + policy.secrets.compactMap(SecretStore.finding(for:))).sorted { $0.line < $1.line }
    }

    /// One line a finding, and a last line that sums up.
    public var text: String {
        let lines = self.findings.map { "\(self.file):\($0.line): warning: \($0.message)" }
        return (lines + ["\(self.file): \(self.secrets.count) secrets, \(self.rules) rules, \(lines.count) warnings"]).joined(separator: "\n")
    }

    /// The same as JSON.
    public var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }
}
