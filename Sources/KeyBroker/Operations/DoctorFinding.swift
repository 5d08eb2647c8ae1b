// SPDX-License-Identifier: Apache-2.0

import ByteCoding

/// One thing that a doctor looked at.
public struct DoctorFinding: Hashable, Sendable, Codable {
    /// How it is.
    public enum State: String, Hashable, Sendable, Codable {
        /// As it should be.
        case good
        /// Something will go wrong in time, or is probably not meant.
        case warning
        /// Something does not work.
        case bad
    }

    /// What was looked at, in kebab case.
    public let check: String
    /// How it is.
    public let state: State
    /// What was found.
    public let message: String
    /// What to do about it.
    public let remedy: String?

    init(_ check: String, _ state: State, _ message: String, remedy: String? = nil) {
        self.check = check
        self.state = state
        self.message = message
        self.remedy = remedy
    }

    /// Something that failed.
    init(_ check: String, _ error: any Error) {
        let known = error as? any DiagnosableError
        self.init(check, .bad, known?.message ?? "\(error)", remedy: known?.remedy)
    }

    /// The finding on one line, for people.
    public var text: String {
        let mark =
            switch self.state {
            case .good: "ok     "
            case .warning: "WARNING"
            case .bad: "BAD    "
            }
        return "\(mark) \(self.check): \(self.message)\(self.remedy.map { ". What to do: \($0)" } ?? "")"
    }
}
