// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Dispatch

/// Gramine's quoting device: files in `/dev/attestation` that exist inside an SGX enclave.
///
/// Report data is written to one file and the quote read from another, so calls never interleave in a process.
public struct GramineQuoteSource: QuoteSource {
    /// Where Gramine shows the device.
    public static let defaultDirectory = "/dev/attestation"
    /// Largest quote that Gramine hands out.
    public static let maximumQuoteSize = 8192

    /// Where the device's files are.
    public let directory: String

    /// Uses the device in `directory`; nothing is touched before the first quote.
    public init(directory: String = GramineQuoteSource.defaultDirectory) {
        self.directory = directory
    }

    /// What it is, for people.
    public var name: String { "Gramine (\(self.directory))" }
    /// Whether its quotes prove nothing: no, hardware signs them.
    public var isSimulated: Bool { false }

    /// Makes a DCAP quote.
    ///
    /// - Throws: ``QuoteSourceError``.
    public func quote(for reportData: ReportData) async throws -> [UInt8] {
        // The device blocks, for as long as the quoting enclave takes: not on the cooperative pool.
        try await withCheckedThrowingContinuation { continuation in
            Self.queue.async { continuation.resume(with: Result { try self.readQuote(for: reportData) }) }
        }
    }

    /// One queue for the process: the device's state is the process's, whatever the number of values of this type.
    private static let queue = DispatchQueue(label: "sealwright.gramine-quote")

    /// Bytes of `attestation_type` that are looked at.
    private static let maximumTypeSize = 64

    private func readQuote(for reportData: ReportData) throws -> [UInt8] {
        try self.requireDCAP()
        do {
            try DeviceFile.write(reportData.bytes, to: "\(self.directory)/user_report_data")
        } catch {
            throw self.failure("writing the report data failed: \(error.message)")
        }
        let quote: [UInt8]
        do {
            quote = try DeviceFile.read("\(self.directory)/quote", limit: Self.maximumQuoteSize)
        } catch {
            throw self.failure("reading the quote failed: \(error.message)")
        }
        return try QuoteCheck.bytes(
            of: quote, tee: .sgx, for: reportData, remedy: "update Gramine and the host's quoting packages; a DCAP quote of version 3 is expected")
    }

    private func requireDCAP() throws(QuoteSourceError) {
        let bytes: [UInt8]
        do {
            bytes = try DeviceFile.read("\(self.directory)/attestation_type", limit: Self.maximumTypeSize)
        } catch {
            throw QuoteSourceError(
                .notInEnclave, "no Gramine attestation device: \(error.message)",
                remedy:
                    "run this under `gramine-sgx`, with `sgx.remote_attestation = \"dcap\"` in the manifest; for development use a simulated platform"
            )
        }
        // Gramine writes no newline; stand-ins for it often do.
        let type = String(decoding: bytes.filter { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        guard type == "dcap" else {
            throw QuoteSourceError(
                .attestationDisabled, "Gramine's attestation type is `\(type)`, `dcap` wanted",
                remedy: "set `sgx.remote_attestation = \"dcap\"` in the Gramine manifest, and sign it again")
        }
    }

    private func failure(_ message: String) -> QuoteSourceError {
        QuoteSourceError(
            .deviceFailed, "\(self.name): \(message)",
            remedy:
                "check on the host that the AESM service runs, that it is mounted or reachable from the container, and that the PCCS it uses answers and is that of this machine's owner and region (another's: 0xe011 in the AESM service's log)"
        )
    }
}
