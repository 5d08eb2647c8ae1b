// SPDX-License-Identifier: Apache-2.0

/// What a device's quote has to be before it is handed on.
///
/// A quote of another report would be refused by every verifier, for reasons that are hard to find there.
enum QuoteCheck {
    /// The bytes of a quote of `tee` for `reportData`, without padding.
    static func bytes(of device: [UInt8], tee: TEE, for reportData: ReportData, remedy: String) throws(QuoteSourceError) -> [UInt8] {
        let quote: Quote
        do { quote = try Quote(decoding: device.span) } catch {
            throw QuoteSourceError(.unusableQuote, "the device's \(device.count) bytes are not a quote: \(error.message)", remedy: remedy)
        }
        guard quote.header.tee == tee else {
            throw QuoteSourceError(
                .unusableQuote, "the device's quote is of \(quote.header.tee.rawValue), \(tee.rawValue) wanted", remedy: remedy)
        }
        guard quote.reportData == reportData else {
            throw QuoteSourceError(
                .unusableQuote, "the device's quote is for other report data",
                remedy: "make sure that nothing else in this process uses the attestation device at the same time")
        }
        return quote.encodedBytes
    }
}
