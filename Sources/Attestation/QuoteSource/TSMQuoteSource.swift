// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Dispatch

/// The quoting interface of a TDX guest: Linux's configfs-tsm (6.7 and later, Documentation/ABI/testing/configfs-tsm-report).
///
/// Each request makes a report of its own, writes report data to it, reads the quote back and removes it. The kernel counts the writes
/// to a report (`generation`): when the count shows that somebody else wrote in between, the quote may be theirs and is asked for again. The
/// quote's own report data is compared in any case.
public struct TSMQuoteSource: QuoteSource {
    /// Where configfs shows reports.
    public static let defaultDirectory = "/sys/kernel/config/tsm/report"

    /// Where reports are made.
    public let directory: String
    private let files: any TSMReportFiles

    /// Uses the interface at `directory`; nothing is touched before the first quote.
    public init(directory: String = TSMQuoteSource.defaultDirectory) {
        self.init(directory: directory, files: LinuxReportFiles())
    }

    /// Uses other file operations than the system's, for tests.
    package init(directory: String, files: any TSMReportFiles) {
        self.directory = directory
        self.files = files
    }

    /// What it is, for people.
    public var name: String { "TDX (\(self.directory))" }
    /// Whether its quotes prove nothing: no, hardware signs them.
    public var isSimulated: Bool { false }

    /// Makes a quote, of whatever version the host's quoting service makes.
    ///
    /// - Throws: ``QuoteSourceError``.
    public func quote(for reportData: ReportData) async throws -> [UInt8] {
        // The host's quoting service takes its time: not on the cooperative pool.
        try await withCheckedThrowingContinuation { continuation in
            Self.queue.async { continuation.resume(with: Result { try self.makeQuote(for: reportData) }) }
        }
    }

    /// One queue for the process: the driver serves one request at a time.
    private static let queue = DispatchQueue(label: "sealwright.tsm-quote")
    /// How often a quote is asked for when others write to the report.
    static let attempts = 3
    /// Most bytes of the small text attributes that are read.
    private static let textLimit = 64
    /// The provider of Intel's TDX; AMD's is `sev_guest`.
    private static let provider = "tdx_guest"

    private func makeQuote(for reportData: ReportData) throws(QuoteSourceError) -> [UInt8] {
        let report = "\(self.directory)/sealwright-\(UInt64.random(in: 0...UInt64.max))"
        do { try self.files.makeFolder(report) } catch { throw self.unusable(error) }
        defer { self.files.removeFolder(report) }
        try self.requireTDX(report)
        for _ in 0..<Self.attempts {
            let before = try self.generation(of: report)
            let quote = try self.readQuote(report, for: reportData)
            // Our own write counts for one.
            if try self.generation(of: report) == before &+ 1 {
                return try QuoteCheck.bytes(of: quote, tee: .tdx, for: reportData, remedy: "update kernel and the host's quoting service (qgsd)")
            }
        }
        throw QuoteSourceError(
            .deviceFailed, "\(self.name): somebody else wrote to \(report) during each of \(Self.attempts) attempts",
            remedy: "find out which other program uses configfs-tsm, and stop it")
    }

    private func requireTDX(_ report: String) throws(QuoteSourceError) {
        let provider = try self.text("\(report)/provider")
        guard provider == Self.provider else {
            throw QuoteSourceError(
                .attestationDisabled, "the reports of this machine come from `\(provider)`, `\(Self.provider)` wanted",
                remedy: "run this in a TDX guest; SEV-SNP is not supported")
        }
    }

    private func generation(of report: String) throws(QuoteSourceError) -> UInt64 {
        let text = try self.text("\(report)/generation")
        guard let number = UInt64(text) else { throw self.failure("\(report)/generation holds `\(text)`, a number wanted") }
        return number
    }

    private func text(_ path: String) throws(QuoteSourceError) -> String {
        let bytes: [UInt8]
        do { bytes = try self.files.read(path, limit: Self.textLimit) } catch { throw self.failure(error.message) }
        return String(decoding: bytes.filter { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }

    private func readQuote(_ report: String, for reportData: ReportData) throws(QuoteSourceError) -> [UInt8] {
        do {
            // In one write, which the kernel takes when the file is closed.
            try self.files.write(reportData.bytes, to: "\(report)/inblob")
            return try self.files.read("\(report)/outblob", limit: Quote.maximumSize)
        } catch {
            throw self.failure("no quote: \(error.message)", systemError: error.systemError)
        }
    }

    private func failure(_ message: String, systemError: Int32 = 0) -> QuoteSourceError {
        QuoteSourceError(.deviceFailed, "\(self.name): \(message)", remedy: TSMRemedies.remedy(systemError: systemError))
    }

    private func unusable(_ error: FileError) -> QuoteSourceError {
        QuoteSourceError(.notInEnclave, "no TDX quotes to be had: \(error.message)", remedy: TSMRemedies.remedy(makingReport: error.systemError))
    }
}
