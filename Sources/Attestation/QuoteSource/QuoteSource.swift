// SPDX-License-Identifier: Apache-2.0

/// Something that makes quotes for the process it runs in.
public protocol QuoteSource: Sendable {
    /// What it is, for people: `Gramine (/dev/attestation)`.
    var name: String { get }

    /// Whether its quotes prove nothing, because software without protection makes them.
    var isSimulated: Bool { get }

    /// Makes a quote that binds `reportData`.
    ///
    /// - Throws: an error that says what is missing when the platform makes no quote.
    func quote(for reportData: ReportData) async throws -> [UInt8]
}
