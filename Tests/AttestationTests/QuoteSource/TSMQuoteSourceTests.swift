// SPDX-License-Identifier: Apache-2.0

import Attestation
import ByteCoding
import Foundation
import SimulatedTEE
import Synchronization
import TestSupport
import Testing

@Suite("Quotes of a TDX guest")
struct TSMQuoteSourceTests {
    static let reportData = ReportData(paddingWithZeros: [1, 2, 3])!

    private static func source(_ kernel: FakeKernel) -> TSMQuoteSource { TSMQuoteSource(directory: kernel.folder.path, files: kernel) }

    @Test("report data is written to a report of its own, the quote is read and the report is removed")
    func quote() async throws {
        let kernel = try FakeKernel()
        let source = Self.source(kernel)
        let quote = try await source.quote(for: Self.reportData)
        #expect(try Quote(decoding: quote.span).encodedBytes == quote)
        #expect(kernel.folder.contents.isEmpty)
        let steps = kernel.steps
        #expect(steps.map(\.name) == ["mkdir", "provider", "generation", "inblob", "outblob", "generation", "rmdir"])
        #expect(Set(steps.map(\.report)).count == 1)
        #expect(!source.isSimulated)
        #expect(source.name.contains("TDX"))
    }

    @Test("quotes of versions 4 and 5 are taken, one of an enclave is not")
    func versions() async throws {
        for form in [
            SimulatedQuoteForm(.trustDomain(SimulatedTrustDomain(layout: .version1_0)), version: 4),
            SimulatedQuoteForm(.trustDomain(SimulatedTrustDomain()), version: 5),
        ] {
            let bytes = try await Self.source(FakeKernel(form: form)).quote(for: Self.reportData)
            let quote = try Quote(decoding: bytes.span)
            #expect(quote.header.version == form.version)
            #expect(quote.reportData == Self.reportData)
        }
        let kernel = try FakeKernel(form: SimulatedQuoteForm(.enclave(SimulatedEnclave()), version: 4))
        let error = await #expect(throws: QuoteSourceError.self) { try await Self.source(kernel).quote(for: Self.reportData) }
        #expect(error?.code == .unusableQuote)
        #expect(error?.message.contains("TDX wanted") == true)
    }

    @Test("zeros after the quote are cut off")
    func padding() async throws {
        let padded = try await Self.source(FakeKernel(padding: 3065)).quote(for: Self.reportData)
        #expect(try Quote(decoding: padded.span).paddingSize == 0)
    }

    @Test("a quote is asked for again when somebody else wrote in between, and given up after three times", arguments: 0...3)
    func interference(times: Int) async throws {
        let kernel = try FakeKernel(interferences: times)
        if times < 3 {
            _ = try await Self.source(kernel).quote(for: Self.reportData)
            #expect(kernel.steps.count { $0.name == "outblob" } == times + 1)
        } else {
            let error = await #expect(throws: QuoteSourceError.self) { try await Self.source(kernel).quote(for: Self.reportData) }
            #expect(error?.code == .deviceFailed)
            #expect(error?.message.contains("somebody else") == true)
        }
        #expect(kernel.folder.contents.isEmpty)
    }

    @Test("a quote for other report data is not handed on, whatever the generation says")
    func otherReportData() async throws {
        let kernel = try FakeKernel(reportData: ReportData(paddingWithZeros: [9])!)
        let error = await #expect(throws: QuoteSourceError.self) { try await Self.source(kernel).quote(for: Self.reportData) }
        #expect(error?.code == .unusableQuote)
        #expect(kernel.folder.contents.isEmpty)
    }

    @Test("a provider other than TDX is told by name", arguments: ["sev_guest", "arm_cca_guest", ""])
    func otherProvider(name: String) async throws {
        let kernel = try FakeKernel(provider: name)
        let error = await #expect(throws: QuoteSourceError.self) { try await Self.source(kernel).quote(for: Self.reportData) }
        #expect(error?.code == .attestationDisabled)
        #expect(error?.message.contains("`\(name)`") == true)
        #expect(kernel.folder.contents.isEmpty)
    }

    @Test(
        "error numbers of the kernel are explained",
        arguments: [
            (EBUSY, "under way"), (EINVAL, "64 bytes"), (ENOTTY, "modprobe"), (ENXIO, "modprobe"), (ETIMEDOUT, "qgsd"), (EINTR, "qgsd"),
            (EIO, "qgsd"),
            (EPROTO, "journalctl"),
        ])
    func readErrors(number: Int32, remedy: String) async throws {
        let kernel = try FakeKernel(failures: ["outblob": number])
        let error = await #expect(throws: QuoteSourceError.self) { try await Self.source(kernel).quote(for: Self.reportData) }
        #expect(error?.code == .deviceFailed)
        #expect(error?.remedy?.contains(remedy) == true, "\(error?.remedy ?? "")")
        #expect(kernel.folder.contents.isEmpty)
    }

    @Test(
        "a machine where no report can be made is none, and is told why",
        arguments: [(ENOENT, "configfs"), (EACCES, "root"), (EPERM, "root"), (ENXIO, "modprobe")])
    func noReport(number: Int32, remedy: String) async throws {
        let kernel = try FakeKernel(failures: ["mkdir": number])
        let error = await #expect(throws: QuoteSourceError.self) { try await Self.source(kernel).quote(for: Self.reportData) }
        #expect(error?.code == .notInEnclave)
        #expect(error?.remedy?.contains(remedy) == true)
    }

    @Test("a generation that is no number is a failure of the device")
    func badGeneration() async throws {
        let kernel = try FakeKernel(generation: "many")
        let error = await #expect(throws: QuoteSourceError.self) { try await Self.source(kernel).quote(for: Self.reportData) }
        #expect(error?.code == .deviceFailed)
    }

    @Test("the system's own files are used where none are given")
    func systemFiles() async throws {
        let folder = try ScratchFolder()
        // A plain folder makes no attributes, so that the first of them is missing.
        let error = await #expect(throws: QuoteSourceError.self) { try await TSMQuoteSource(directory: folder.path).quote(for: Self.reportData) }
        #expect(error?.code == .deviceFailed)
        #expect(error?.message.contains("/provider") == true)
        #expect(folder.contents.isEmpty)
        let missing = await #expect(throws: QuoteSourceError.self) { try await TSMQuoteSource(directory: "/nonexistent").quote(for: Self.reportData) }
        #expect(missing?.code == .notInEnclave)
    }

    @Test("an enclave's device comes before configfs, and both before a simulated platform")
    func detection() throws {
        let tsm = try ScratchFolder()
        let gramine = try ScratchFolder()
        let simulated = SimulatedQuoteSource(platform: try SimulatedPlatform.create(at: .now))
        func detect() throws -> any QuoteSource {
            try QuoteSources.detect(gramineDirectory: gramine.path, tsmDirectory: tsm.path, simulated: simulated)
        }
        #expect(try detect() is TSMQuoteSource)
        try gramine.write(Array("dcap".utf8), to: "attestation_type")
        #expect(try detect() is GramineQuoteSource)
        #expect(try QuoteSources.detect(gramineDirectory: "/none", tsmDirectory: "/none", simulated: simulated).isSimulated)
        let error = #expect(throws: QuoteSourceError.self) { try QuoteSources.detect(gramineDirectory: "/none", tsmDirectory: "/none") }
        #expect(error?.code == .notInEnclave)
        #expect(error?.remedy?.contains("TDX") == true)
    }
}

/// What the kernel does behind configfs-tsm, on a folder of plain files.
private final class FakeKernel: TSMReportFiles {
    /// One operation: on which report, and its name or the attribute's.
    struct Step {
        let report: String
        let name: String
    }

    let folder: ScratchFolder
    private let provider: String
    private let generation: String?
    private let padding: Int
    private let reportData: ReportData?
    private let failures: [String: Int32]
    private let platform: SimulatedPlatform
    private let form: SimulatedQuoteForm
    private struct State {
        var steps: [Step] = []
        var interferences: Int
    }
    private let state: Mutex<State>

    /// * `interferences`: how many times somebody else writes after our write.
    /// * `reportData`: what quotes are made for instead of what was written.
    /// * `failures`: error numbers by operation or attribute.
    init(
        provider: String = "tdx_guest", generation: String? = nil, padding: Int = 0, interferences: Int = 0, reportData: ReportData? = nil,
        failures: [String: Int32] = [:], form: SimulatedQuoteForm = SimulatedQuoteForm(.trustDomain(SimulatedTrustDomain()), version: 5)
    ) throws {
        self.folder = try ScratchFolder()
        self.provider = provider
        self.generation = generation
        self.padding = padding
        self.reportData = reportData
        self.failures = failures
        self.form = form
        self.platform = try SimulatedPlatform.create(at: .now)
        self.state = Mutex(State(interferences: interferences))
    }

    var steps: [Step] { self.state.withLock { $0.steps } }

    func makeFolder(_ path: String) throws(FileError) {
        try self.note(path, "mkdir", .create)
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
            try Data("\(self.provider)\n".utf8).write(to: URL(fileURLWithPath: "\(path)/provider"))
            try Data("\(self.generation ?? "7")\n".utf8).write(to: URL(fileURLWithPath: "\(path)/generation"))
        } catch {
            throw FileError(.create, path: path, systemError: EIO)
        }
    }

    func removeFolder(_ path: String) {
        self.state.withLock { $0.steps.append(Step(report: path, name: "rmdir")) }
        try? FileManager.default.removeItem(atPath: path)
    }

    func read(_ path: String, limit: Int) throws(FileError) -> [UInt8] {
        let url = URL(fileURLWithPath: path)
        try self.note(url.deletingLastPathComponent().path, url.lastPathComponent, .read)
        return try InputFile.readAll(path, limit: limit)
    }

    func write(_ bytes: [UInt8], to path: String) throws(FileError) {
        let url = URL(fileURLWithPath: path)
        let report = url.deletingLastPathComponent()
        try self.note(report.path, url.lastPathComponent, .write)
        guard bytes.count == 64, let written = ReportData(bytes) else { throw FileError(.write, path: path, systemError: EINVAL) }
        do {
            let quote = try self.platform.quote(reportData: self.reportData ?? written, form: self.form) + [UInt8](repeating: 0, count: self.padding)
            try Data(quote).write(to: report.appendingPathComponent("outblob"))
            let generation = try String(contentsOf: report.appendingPathComponent("generation"), encoding: .utf8).dropLast()
            let writes = self.state.withLock { state in
                defer { state.interferences = max(0, state.interferences - 1) }
                return state.interferences > 0 ? 2 : 1
            }
            try Data("\((Int(generation) ?? 0) + writes)\n".utf8).write(to: report.appendingPathComponent("generation"))
        } catch {
            throw FileError(.write, path: path, systemError: EIO)
        }
    }

    private func note(_ report: String, _ name: String, _ operation: FileError.Operation) throws(FileError) {
        self.state.withLock { $0.steps.append(Step(report: report, name: name)) }
        if let number = self.failures[name] { throw FileError(operation, path: "\(report)/\(name)", systemError: number) }
    }
}
