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

    @Test("attestation that is off, or of another kind, is told by name", arguments: ["none", "epid", "dcap\n", ""])
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
        #expect(try QuoteSources.detect(gramineDirectory: "/nonexistent", simulated: simulated).isSimulated)
        let error = #expect(throws: QuoteSourceError.self) { try QuoteSources.detect(gramineDirectory: "/nonexistent") }
        #expect(error?.code == .notInEnclave)
    }
}
