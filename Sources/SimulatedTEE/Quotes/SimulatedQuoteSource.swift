// SPDX-License-Identifier: Apache-2.0

public import Attestation

/// A source of simulated quotes for one claimed enclave or trust domain.
///
/// INSECURE: for development and tests.
public struct SimulatedQuoteSource: QuoteSource {
    private let platform: SimulatedPlatform
    private let form: SimulatedQuoteForm

    /// Makes quotes that claim to be of `enclave` on `platform`, of version 3 as Gramine's.
    public init(platform: SimulatedPlatform, enclave: SimulatedEnclave = SimulatedEnclave()) {
        self.init(platform: platform, form: SimulatedQuoteForm(.enclave(enclave), version: 3))
    }

    /// Makes quotes of any form on `platform`.
    public init(platform: SimulatedPlatform, form: SimulatedQuoteForm) {
        self.platform = platform
        self.form = form
    }

    /// What it is, for people.
    public var name: String { "SIMULATED software TEE (INSECURE, FMSPC \(self.platform.fmspc))" }
    /// Whether its quotes prove nothing: yes.
    public var isSimulated: Bool { true }

    /// Makes a simulated quote that binds `reportData`.
    ///
    /// - Throws: what signing throws.
    public func quote(for reportData: ReportData) async throws -> [UInt8] {
        try self.platform.quote(reportData: reportData, form: self.form)
    }
}
