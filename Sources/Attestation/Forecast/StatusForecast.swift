// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// How a platform's TCB status will change when Intel's standard edition moves on to evaluations that are published as early editions already.
///
/// Each evaluation is verified in full with the quote, as of now: nothing here is a shorter way to a status.
public struct StatusForecast: Hashable, Sendable, Codable {
    /// What verification finds with one edition of the collateral.
    public struct Step: Hashable, Sendable, Codable {
        /// Number of the TCB evaluation.
        public let evaluationDataNumber: Int
        /// From when on it is what verifiers judge by: Intel's rule of twelve months after the disclosure; absent for the present edition.
        public let standardFrom: Date?
        /// The platform's status; absent where a check fails.
        public let status: TCBStatus?
        /// Advisories that apply.
        public let advisoryIDs: [String]
        /// The check that fails, where one does.
        public let failure: Check?

        init(evaluationDataNumber: Int, standardFrom: Date?, _ outcome: VerificationOutcome) {
            self.evaluationDataNumber = evaluationDataNumber
            self.standardFrom = standardFrom
            self.status = outcome.report.tcbStatus
            self.advisoryIDs = outcome.report.advisoryIDs.sorted()
            self.failure = outcome.report.firstFailure
        }

        /// Whether a verifier says the same of the platform.
        public func saysTheSame(as other: Step) -> Bool {
            self.status == other.status && self.advisoryIDs == other.advisoryIDs && self.failure?.id == other.failure?.id
        }
    }

    /// A later edition of the collateral.
    public struct Edition: Sendable {
        /// The collateral.
        public let collateral: Collateral
        /// When it becomes the standard edition.
        public let standardFrom: Date

        /// Describes an edition.
        public init(collateral: Collateral, standardFrom: Date) {
            self.collateral = collateral
            self.standardFrom = standardFrom
        }
    }

    /// What verifiers say today.
    public let present: Step
    /// What they will say, in the order of evaluations.
    public let upcoming: [Step]

    /// The first step at which a verifier says something else than today; `nil` if none does.
    public var nextChange: Step? { self.upcoming.first { !$0.saysTheSame(as: self.present) } }

    /// Verifies a quote with the standard edition and with later ones.
    ///
    /// - Throws: ``CollateralError`` when an edition's TCB info cannot be read.
    public init(
        encodedQuote: [UInt8], verifier: QuoteVerifier, standard: Collateral, editions: [Edition], at time: Date
    ) throws(CollateralError) {
        func step(_ collateral: Collateral, standardFrom: Date?) throws(CollateralError) -> Step {
            Step(
                evaluationDataNumber: try collateral.claimedEvaluationDataNumber, standardFrom: standardFrom,
                verifier.verify(encodedQuote: encodedQuote, collateral: collateral, at: time))
        }
        let present = try step(standard, standardFrom: nil)
        var upcoming: [Step] = []
        for edition in editions { upcoming.append(try step(edition.collateral, standardFrom: edition.standardFrom)) }
        self.present = present
        // An early edition that is no newer than the standard one says nothing about the future.
        self.upcoming = upcoming.filter { $0.evaluationDataNumber > present.evaluationDataNumber }
            .sorted { $0.evaluationDataNumber < $1.evaluationDataNumber }
    }
}

extension Collateral {
    /// The number of the TCB evaluation that the TCB info claims.
    ///
    /// Nothing of it is verified.
    public var claimedEvaluationDataNumber: Int {
        get throws(CollateralError) { try TCBInfo(SignedJSON(decoding: self.tcbInfo, body: "tcbInfo").body).evaluationDataNumber }
    }

    /// The day of the disclosure that the TCB info answers, as far as its newest level tells.
    ///
    /// Nothing of it is verified.
    public var claimedNewestLevelDate: Date {
        get throws(CollateralError) {
            let info = try TCBInfo(SignedJSON(decoding: self.tcbInfo, body: "tcbInfo").body)
            return info.levels.map(\.date).max() ?? info.issueDate
        }
    }
}
