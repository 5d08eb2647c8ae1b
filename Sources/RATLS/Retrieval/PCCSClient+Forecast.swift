// SPDX-License-Identifier: Apache-2.0

public import Attestation

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

extension PCCSClient {
    /// Tells how the status of a quote's platform will change.
    ///
    /// Fetches the standard edition and all that are later, and verifies the quote with each.
    ///
    /// - Throws: ``RATLSError`` when an edition cannot be had or read.
    public func forecast(for quote: Quote, verifier: QuoteVerifier, at time: Date) async throws -> StatusForecast {
        let standard = try await self.entry(for: quote, at: time)
        let editions = try await self.editions(after: standard.collateral, for: standard.key, roots: verifier.roots, at: time).map { edition in
            var collateral = edition.collateral
            collateral.pckChain = standard.collateral.pckChain
            return StatusForecast.Edition(collateral: collateral, standardFrom: edition.standardFrom)
        }
        return try Self.reading {
            try StatusForecast(
                encodedQuote: quote.encodedBytes, verifier: verifier, standard: standard.collateral, editions: editions, at: time)
        }
    }

    /// Tells how the status of each level of a model of platforms will change, an element for each later edition.
    ///
    /// - Throws: ``RATLSError`` when an edition cannot be had or read.
    public func forecast(for key: CollateralKey, roots: [RootOfTrust], at time: Date) async throws -> [LevelForecast] {
        let standard = try await self.collateral(for: key)
        let editions = try await self.editions(after: standard, for: key, roots: roots, at: time)
        return try Self.reading {
            try editions.map { try LevelForecast(standard: standard, edition: $0) }.filter { $0.upcomingNumber > $0.presentNumber }
        }
    }

    /// The editions that are out and not standard yet, lowest evaluation first.
    ///
    /// Intel's service lists the evaluations. Others have the newest alone, as the early edition; the date of its newest level stands for the
    /// day of the disclosure.
    private func editions(
        after standard: Collateral, for key: CollateralKey, roots: [RootOfTrust], at time: Date
    ) async throws -> [StatusForecast.Edition] {
        guard let evaluations = try await self.evaluations(for: key.tee, roots: roots, at: time) else {
            let early = try await self.collateral(for: key, update: .early)
            let disclosed = try Self.reading { try early.claimedNewestLevelDate }
            let evaluation = TCBEvaluationNumbers.Evaluation(number: 0, recoveryEventDate: disclosed)
            return [StatusForecast.Edition(collateral: early, standardFrom: evaluation.standardFrom)]
        }
        let present = try Self.reading { try standard.claimedEvaluationDataNumber }
        var editions: [StatusForecast.Edition] = []
        for evaluation in evaluations where evaluation.number > present {
            let collateral = try await self.collateral(for: key, update: .evaluation(evaluation.number))
            editions.append(StatusForecast.Edition(collateral: collateral, standardFrom: evaluation.standardFrom))
        }
        return editions
    }

    /// The list of evaluations; `nil` from a service that does not offer it.
    private func evaluations(for tee: TEE, roots: [RootOfTrust], at time: Date) async throws -> [TCBEvaluationNumbers.Evaluation]? {
        guard let list = try await self.tcbEvaluationDataNumbers(for: tee) else { return nil }
        return try Self.reading { try TCBEvaluationNumbers(verifying: list.body, issuerChain: list.issuerChain, roots: roots, at: time).evaluations }
    }

    private static func reading<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as CollateralError {
            throw RATLSError(
                .badCollateralResponse, "the service's collateral cannot be used for a forecast: \(error.message)",
                remedy: "refresh the PCCS, or ask Intel's PCS (profile `intel`)")
        }
    }
}
