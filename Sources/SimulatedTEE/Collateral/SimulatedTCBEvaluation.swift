// SPDX-License-Identifier: Apache-2.0

/// A TCB evaluation of the simulated vendor: what TCB info and QE identity claim to come from.
struct SimulatedTCBEvaluation: Hashable, Sendable {
    /// Its number.
    let number: Int
    /// The day of the disclosure that it answers.
    let recoveryEventDate: String
    /// The date of what it judges by.
    let tcbDate: String

    /// What the standard edition comes from.
    static let standard = Self(number: 20, recoveryEventDate: "2025-05-13T00:00:00Z", tcbDate: "2025-05-14T00:00:00Z")
    /// What the early edition comes from, where one is out.
    static let early = Self(number: 21, recoveryEventDate: "2026-11-10T00:00:00Z", tcbDate: "2026-11-11T00:00:00Z")

    /// The signed list of evaluations, newest first.
    static func list(_ evaluations: [Self], tee: String, times: String) -> String {
        let entries = evaluations.map {
            "{\"tcbEvaluationDataNumber\":\($0.number),\"tcbRecoveryEventDate\":\"\($0.recoveryEventDate)\",\"tcbDate\":\"\($0.tcbDate)\"}"
        }
        return "{\"id\":\"\(tee)\",\"version\":1,\(times),\"tcbEvalNumbers\":[\(entries.joined(separator: ","))]}"
    }
}
