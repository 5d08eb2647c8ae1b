// SPDX-License-Identifier: Apache-2.0

/// One thing that was looked at on a machine; its properties are the keys of the JSON form.
struct DoctorCheck: Encodable {
    /// How it stands.
    enum Status: String, Encodable {
        case good, warning, bad
    }

    /// A stable name, in kebab case.
    let name: String
    let status: Status
    /// What was found.
    let found: String
    /// What to do about it; absent where nothing has to be done.
    let remedy: String?

    static func good(_ name: String, _ found: String) -> DoctorCheck { DoctorCheck(name: name, status: .good, found: found, remedy: nil) }

    static func warning(_ name: String, _ found: String, _ remedy: String) -> DoctorCheck {
        DoctorCheck(name: name, status: .warning, found: found, remedy: remedy)
    }

    static func bad(_ name: String, _ found: String, _ remedy: String) -> DoctorCheck {
        DoctorCheck(name: name, status: .bad, found: found, remedy: remedy)
    }

    /// A check that is good or, with its remedy, bad.
    static func require(_ name: String, _ isGood: Bool, _ found: String, _ remedy: String) -> DoctorCheck {
        isGood ? self.good(name, found) : self.bad(name, found, remedy)
    }

    /// A table for people, the remedy below each line that has one.
    static func table(_ checks: [DoctorCheck]) -> String {
        let width = checks.map(\.name.count).max() ?? 0
        return checks.map { check in
            let mark = ["good": "ok     ", "warning": "warning", "bad": "BAD    "][check.status.rawValue] ?? ""
            let name = check.name + String(repeating: " ", count: width - check.name.count)
            return "\(mark)  \(name)  \(check.found)" + (check.remedy.map { "\n           what to do: \($0)" } ?? "")
        }.joined(separator: "\n")
    }
}
