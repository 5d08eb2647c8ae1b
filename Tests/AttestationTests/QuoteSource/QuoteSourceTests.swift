// SPDX-License-Identifier: Apache-2.0

import Attestation
import ByteCoding
import Foundation
import SimulatedTEE
import TestSupport
import Testing

@Suite("Quote sources")
struct QuoteSourceTests {
    static let reportData = ReportData(paddingWithZeros: [1, 2, 3])!

    /// A folder that looks like Gramine's device and holds a quote for `reportData`.
    private static func device(type: String = "dcap", quote: [UInt8]? = nil) throws -> ScratchFolder {
        let folder = try ScratchFolder()
        try folder.write(Array(type.utf8), to: "attestation_type")
        try folder.write([], to: "user_report_data")
        try folder.write(try quote ?? SimulatedPlatform.create(at: .now).quote(reportData: Self.reportData), to: "quote")
        return folder
    }

    @Test("report data is written, then the quote is read")
    func gramine() async throws {
        let folder = try Self.device()
        let source = GramineQuoteSource(directory: folder.path)
        let quote = try await source.quote(for: Self.reportData)
        #expect(quote == (try InputFile.readAll(folder.file("quote"))))
        #expect(try InputFile.readAll(folder.file("user_report_data")) == Self.reportData.bytes)
        #expect(!source.isSimulated)
    }

    @Test("simultaneous requests get each their own quote")
    func simultaneous() async throws {
        let device = try LiveDevice(quotes: 12)
        let source = GramineQuoteSource(directory: device.folder.path)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<UInt8(12) {
                group.addTask {
                    let reportData = ReportData(paddingWithZeros: [number])!
                    // Two values of the type, one device: the device's state is the process's.
                    let other = GramineQuoteSource(directory: source.directory)
                    let encoded = try await (number % 2 == 0 ? source : other).quote(for: reportData)
                    return try Quote(decoding: encoded.span).reportData == reportData
                }
            }
            for try await isOwn in group { #expect(isOwn) }
        }
    }

    @Test("a quote for other report data is not handed on")
    func otherReportData() async throws {
        let folder = try Self.device()
        let error = await #expect(throws: QuoteSourceError.self) {
            try await GramineQuoteSource(directory: folder.path).quote(for: ReportData(paddingWithZeros: [9])!)
        }
        #expect(error?.code == .unusableQuote)
    }

    @Test("a machine without the device says how to get it")
    func noDevice() async throws {
        let error = await #expect(throws: QuoteSourceError.self) {
            try await GramineQuoteSource(directory: "/nonexistent").quote(for: Self.reportData)
        }
        #expect(error?.code == .notInEnclave)
        #expect(error?.remedy?.contains("gramine-sgx") == true)
    }

    @Test("attestation that is off, or of another kind, is told by name", arguments: ["none", "epid", "dcap2", ""])
    func otherTypes(type: String) async throws {
        let folder = try Self.device(type: type)
        let error = await #expect(throws: QuoteSourceError.self) {
            try await GramineQuoteSource(directory: folder.path).quote(for: Self.reportData)
        }
        #expect(error?.code == .attestationDisabled)
    }

    @Test("a device that gives no quote, or too long a one, has failed", arguments: [0, 8193])
    func badQuote(count: Int) async throws {
        let folder = try Self.device(quote: [UInt8](repeating: 0, count: count))
        let error = await #expect(throws: QuoteSourceError.self) {
            try await GramineQuoteSource(directory: folder.path).quote(for: Self.reportData)
        }
        #expect(error?.code == (count == 0 ? .unusableQuote : .deviceFailed))
    }

    @Test("the real source wins, the simulated one is used only where it was given")
    func detection() throws {
        let folder = try Self.device()
        let simulated = SimulatedQuoteSource(platform: try SimulatedPlatform.create(at: .now))
        #expect(try QuoteSources.detect(gramineDirectory: folder.path, simulated: simulated) is GramineQuoteSource)
        #expect(try QuoteSources.detect(gramineDirectory: "/nonexistent", tsmDirectory: "/nonexistent", simulated: simulated).isSimulated)
        let error = #expect(throws: QuoteSourceError.self) { try QuoteSources.detect(gramineDirectory: "/nonexistent", tsmDirectory: "/nonexistent") }
        #expect(error?.code == .notInEnclave)
    }
}

/// A stand-in for Gramine's device that answers each reading of `quote` with a quote for what `user_report_data` holds at that time.
private final class LiveDevice: Sendable {
    let folder: ScratchFolder

    /// Answers exactly `quotes` readings, on a thread of its own.
    init(quotes: Int) throws {
        let folder = try ScratchFolder()
        self.folder = folder
        try folder.write(Array("dcap".utf8), to: "attestation_type")
        try folder.write([], to: "user_report_data")
        let platform = try SimulatedPlatform.create(at: .now)
        // Sound: paths are lent to the calls as terminated strings.
        try #require(unsafe mkfifo(folder.file("quote"), 0o600) == 0)
        Thread.detachNewThread {
            for _ in 0..<quotes {
                guard let pipe = FileHandle(forWritingAtPath: folder.file("quote")) else { return }
                guard let bytes = try? InputFile.readAll(folder.file("user_report_data")), let reportData = ReportData(bytes),
                    let quote = try? platform.quote(reportData: reportData)
                else { return }
                // The next reader gets a pipe of its own, before this one's reader sees the end of its quote.
                guard unsafe mkfifo(folder.file("next"), 0o600) == 0, unsafe rename(folder.file("next"), folder.file("quote")) == 0 else { return }
                try? pipe.write(contentsOf: Data(quote))
                try? pipe.close()
            }
        }
    }
}
