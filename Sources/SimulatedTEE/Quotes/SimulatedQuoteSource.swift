// SPDX-License-Identifier: Apache-2.0

public import Attestation

/// A source of simulated quotes for one claimed enclave.
///
/// INSECURE: for development and tests.
public struct SimulatedQuoteSource: QuoteSource {
    private let platform: SimulatedPlatform
    private let enclave: SimulatedEnclave

    /// Makes quotes that claim to be of `enclave` on `platform`.
    public init(platform: SimulatedPlatform, enclave: SimulatedEnclave = SimulatedEnclave()) {
        self.platform = platform
        self.enclave = enclave
    }

    /// What it is, for people.
    public var name: String { "SIMULATED software TEE (INSECURE, FMSPC \(self.platform.fmspc))" }
    /// Whether its quotes prove nothing: yes.
    public var isSimulated: Bool { true }

    /// Makes a simulated quote that binds `reportData`.
    ///
    /// - Throws: what signing throws.
    public func quote(for reportData: ReportData) async throws -> [UInt8] {
        try self.platform.quote(reportData: reportData, enclave: self.enclave)
    }
}
