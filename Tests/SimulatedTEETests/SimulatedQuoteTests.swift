// SPDX-License-Identifier: Apache-2.0

import Attestation
import ByteCoding
import Foundation
import SimulatedTEE
import TestSupport
import Testing

@Suite("Simulated quotes")
struct SimulatedQuoteTests {
    static let platform = Result { try SimulatedPlatform.create(at: .now) }
    static let reportData = ReportData(paddingWithZeros: [5, 6])!

    @Test("a quote says what was asked of it")
    func content() throws {
        let enclave = SimulatedEnclave(
            mrEnclave: Measurement([UInt8](repeating: 1, count: 32))!, mrSigner: Measurement([UInt8](repeating: 2, count: 32))!, isvProdID: 3,
            isvSVN: 4,
            isDebug: true)
        let platform = try Self.platform.get()
        let encoded = try platform.quote(reportData: Self.reportData, enclave: enclave)
        let quote = try Quote(decoding: encoded.span)
        #expect(quote.header.version == 3)
        #expect(quote.header.tee == .sgx)
        #expect(quote.enclaveReport?.mrEnclave == enclave.mrEnclave)
        #expect(quote.enclaveReport?.mrSigner == enclave.mrSigner)
        #expect(quote.enclaveReport?.isvProdID == 3)
        #expect(quote.enclaveReport?.isvSVN == 4)
        #expect(quote.reportData == Self.reportData)
        #expect(quote.enclaveReport?.attributes.isDebug == true)
        #expect(quote.enclaveReport?.attributes.isInitialized == true)
        #expect(quote.enclaveReport?.attributes.is64Bit == true)
        #expect(quote.certificationData.kind == .pckChain)
        #expect(quote.paddingSize == 0)
    }

    @Test("a quote fits where Gramine's do")
    func size() throws {
        let platform = try Self.platform.get()
        let encoded = try platform.quote(reportData: Self.reportData)
        #expect(encoded.count <= GramineQuoteSource.maximumQuoteSize)
    }

    @Test("everything a user sees of it says that it is simulated")
    func marks() throws {
        let platform = try Self.platform.get()
        #expect(SimulatedQuoteSource(platform: platform).name.contains("INSECURE"))
        #expect(SimulatedQuoteSource(platform: platform).isSimulated)
        #expect(platform.rootOfTrust.kind == .simulated)
        #expect(platform.rootOfTrust.name.contains("INSECURE"))
        let encoded = try platform.quote(reportData: Self.reportData)
        let quote = try Quote(decoding: encoded.span)
        #expect(String(decoding: quote.certificationData.content, as: UTF8.self).hasPrefix("-----BEGIN CERTIFICATE-----"))
    }
}

@Suite("A simulated platform's folder")
struct SimulatedPlatformFolderTests {
    @Test("a saved platform is the same when it is loaded")
    func roundTrip() throws {
        let scratch = try ScratchFolder()
        let platform = try SimulatedPlatform.create(at: .now)
        try platform.save(to: scratch.file("platform"))
        let loaded = try SimulatedPlatform.load(from: scratch.file("platform"))
        #expect(loaded.rootOfTrust == platform.rootOfTrust)
        #expect(loaded.fmspc == platform.fmspc)
        let readMe = String(decoding: try InputFile.readAll(scratch.file("platform/README.txt")), as: UTF8.self)
        #expect(readMe.contains("INSECURE"))
        #expect(try InputFile.readAll(scratch.file("platform/root-ca.der")) == platform.rootCertificateDER)
    }

    @Test("a damaged file is named", arguments: ["platform.json", "pck.pem", "pck-key.pem", "attestation-key.pem"])
    func damaged(name: String) throws {
        let scratch = try ScratchFolder()
        try SimulatedPlatform.create(at: .now).save(to: scratch.file("platform"))
        try scratch.write([1, 2, 3], to: "platform/\(name)")
        let error = #expect(throws: SimulatedTEEError.self) { try SimulatedPlatform.load(from: scratch.file("platform")) }
        #expect(error?.code == .unreadablePlatform)
        #expect(error?.message.contains(name) == true)
    }

    @Test("a key of another certificate is refused")
    func swappedKey() throws {
        let scratch = try ScratchFolder()
        try SimulatedPlatform.create(at: .now).save(to: scratch.file("platform"))
        try scratch.write(InputFile.readAll(scratch.file("platform/root-ca-key.pem")), to: "platform/pck-key.pem")
        let error = #expect(throws: SimulatedTEEError.self) { try SimulatedPlatform.load(from: scratch.file("platform")) }
        #expect(error?.code == .unreadablePlatform)
    }

    @Test("only a simulated platform is replaced, and only when asked")
    func replacing() throws {
        let scratch = try ScratchFolder()
        let platform = try SimulatedPlatform.create(at: .now)
        try platform.save(to: scratch.file("platform"))
        #expect(throws: FileError.self) { try platform.save(to: scratch.file("platform")) }
        try platform.save(to: scratch.file("platform"), replacing: true)
        try scratch.write([1], to: "other/precious")
        let error = #expect(throws: SimulatedTEEError.self) { try platform.save(to: scratch.file("other"), replacing: true) }
        #expect(error?.code == .notReplaceable)
        #expect(scratch.contents.contains("other/precious"))
    }
}
