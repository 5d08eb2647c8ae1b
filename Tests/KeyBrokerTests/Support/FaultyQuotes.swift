// SPDX-License-Identifier: Apache-2.0

import Attestation
import SimulatedTEE

/// Quotes with one bit flipped.
struct TamperedQuotes: QuoteSource {
    let offset: Int
    let name = "tampered"
    let isSimulated = true

    func quote(for reportData: ReportData) async throws -> [UInt8] {
        var quote = try await SimulatedQuoteSource(platform: RunningBroker.platform).quote(for: reportData)
        quote[self.offset] ^= 1
        return quote
    }
}

/// Genuine quotes with zeros after their end.
struct PaddedQuotes: QuoteSource {
    let enclave: SimulatedEnclave
    let name = "padded"
    let isSimulated = true

    func quote(for reportData: ReportData) async throws -> [UInt8] {
        let source = SimulatedQuoteSource(platform: RunningBroker.platform, enclave: self.enclave)
        return try await source.quote(for: reportData) + [UInt8](repeating: 0, count: 16)
    }
}

/// Quotes without their end.
struct TruncatedQuotes: QuoteSource {
    let name = "truncated"
    let isSimulated = true

    func quote(for reportData: ReportData) async throws -> [UInt8] {
        Array(try await SimulatedQuoteSource(platform: RunningBroker.platform).quote(for: reportData).prefix(600))
    }
}

/// Genuine quotes that were made for another key.
struct BorrowedQuotes: QuoteSource {
    let name = "borrowed"
    let isSimulated = true

    func quote(for reportData: ReportData) async throws -> [UInt8] {
        guard let other = ReportData(reportData.bytes.map { $0 ^ 0xff }) else { return [] }
        return try await SimulatedQuoteSource(platform: RunningBroker.platform).quote(for: other)
    }
}
