// SPDX-License-Identifier: Apache-2.0

/// One thing that was looked at on a machine, and what to do about it; its properties are the keys of the JSON form.
package struct DoctorCheck: Hashable, Sendable, Encodable {
    /// How it stands.
    package enum Status: String, Hashable, Sendable, Encodable {
        /// As it should be.
        case good
        /// Something will go wrong in time, or is probably not meant.
        case warning
        /// Something does not work.
        case bad
    }

    /// A stable name, in kebab case.
    package let name: String
    package let status: Status
    /// What was found.
    package let found: String
    /// What to do about it; absent where nothing has to be done.
    package let remedy: String?

    private init(_ name: String, _ status: Status, _ found: String, _ remedy: String?) {
        self.name = name
        self.status = status
        self.found = found
        self.remedy = remedy
    }

    package static func good(_ name: String, _ found: String) -> DoctorCheck { DoctorCheck(name, .good, found, nil) }

    package static func warning(_ name: String, _ found: String, _ remedy: String) -> DoctorCheck { DoctorCheck(name, .warning, found, remedy) }

    package static func bad(_ name: String, _ found: String, _ remedy: String) -> DoctorCheck { DoctorCheck(name, .bad, found, remedy) }

    /// A check that failed with an error, which may know its own remedy.
    package static func bad(_ name: String, _ error: any Error, else remedy: String) -> DoctorCheck {
        let known = error as? any DiagnosableError
        return DoctorCheck(name, .bad, known?.message ?? "\(error)", known?.remedy ?? remedy)
    }

    /// A check that is good or, with its remedy, bad.
    package static func require(_ name: String, _ isGood: Bool, _ found: String, _ remedy: String) -> DoctorCheck {
        isGood ? self.good(name, found) : self.bad(name, found, remedy)
    }

    /// A table for people, the remedy below each line that has one.
    package static func table(_ checks: [DoctorCheck]) -> String {
        let width = checks.map(\.name.count).max() ?? 0
        return checks.map { check in
            let mark =
                switch check.status {
                case .good: "ok     "
                case .warning: "warning"
                case .bad: "BAD    "
                }
            let name = check.name + String(repeating: " ", count: width - check.name.count)
            return "\(mark)  \(name)  \(check.found)" + (check.remedy.map { "\n           what to do: \($0)" } ?? "")
        }.joined(separator: "\n")
    }
}
