// SPDX-License-Identifier: Apache-2.0

/// One thing that verification or appraisal looked at, and what came of it.
public struct Check: Hashable, Sendable, Codable {
    /// What came of a check.
    public enum Outcome: String, Hashable, Sendable, Codable {
        /// It holds.
        case passed
        /// It does not hold.
        case failed
        /// An earlier check failed, so this one was not made.
        case notReached = "not-reached"
    }

    /// A check's stable name: area and rule in kebab case, such as `pck-crl.revocation`.
    public struct ID: Hashable, Sendable, Codable, CustomStringConvertible {
        /// The name.
        public let description: String

        /// Makes an identifier.
        ///
        /// Those of this library are its static members.
        public init(_ name: String) { self.description = name }

        /// Decodes the name.
        public init(from decoder: any Decoder) throws { self.description = try decoder.singleValueContainer().decode(String.self) }

        /// Encodes the name.
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(self.description)
        }
    }

    /// Which check it is.
    public let id: ID
    /// What came of it.
    public let outcome: Outcome
    /// What had to be found.
    public let expected: String?
    /// What was found.
    public let found: String?
    /// Where it was found: a field of the quote, a piece of collateral.
    public let source: String?
    /// What the reader of a failed check can do about it.
    public let remedy: String?

    /// Makes a check; verification and appraisal do.
    ///
    /// Texts may quote what a peer sent, before anything of it is known to be genuine. Each is kept to one line of limited length
    /// without control characters, so that a report cannot be forged from inside.
    public init(id: ID, outcome: Outcome, expected: String? = nil, found: String? = nil, source: String? = nil, remedy: String? = nil) {
        self.id = id
        self.outcome = outcome
        self.expected = expected.map(ReportText.quotable)
        self.found = found.map(ReportText.quotable)
        self.source = source.map(ReportText.quotable)
        self.remedy = remedy.map(ReportText.quotable)
    }
}

extension Check: CustomStringConvertible {
    /// The check on one line.
    public var description: String {
        var line = "\(self.outcome.mark) \(self.id)"
        if let found = self.found { line += ": found \(found)" }
        if let expected = self.expected, self.outcome != .passed { line += "; expected \(expected)" }
        if let source = self.source, self.outcome == .failed { line += " (in \(source))" }
        if let remedy = self.remedy, self.outcome == .failed { line += ". What to do: \(remedy)" }
        return line
    }
}

extension Check.Outcome {
    fileprivate var mark: String {
        switch self {
        case .passed: "passed     "
        case .failed: "FAILED     "
        case .notReached: "not reached"
        }
    }
}
