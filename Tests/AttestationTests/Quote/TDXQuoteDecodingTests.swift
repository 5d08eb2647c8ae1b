// SPDX-License-Identifier: Apache-2.0

import Attestation
import Foundation
import SimulatedTEE
import Testing

@Suite("TDX quote decoding")
struct TDXQuoteDecodingTests {
    static let platform = Result { try SimulatedPlatform.create(at: Date(timeIntervalSince1970: 1_800_000_000)) }

    /// A kind of quote, and where its parts begin.
    struct Sample: Sendable, CustomTestStringConvertible {
        let version: UInt16
        let layout: TDReport.Layout

        var body: Int { self.version == 5 ? 54 : 48 }
        var signatureSize: Int { self.body + self.layout.size }
        var signatureData: Int { self.signatureSize + 4 }
        /// The size of what versions 4 and 5 wrap the quoting enclave's part into.
        var outerSize: Int { self.signatureData + 130 }
        var authenticationSize: Int { self.signatureData + 134 + 448 }
        var certificationType: Int { self.authenticationSize + 2 + 32 }
        var testDescription: String { "version \(self.version), \(self.layout)" }

        func quote() throws -> [UInt8] {
            let domain = SimulatedTrustDomain(layout: self.layout, mrServiceTD: .simulated(0x33))
            return try TDXQuoteDecodingTests.platform.get().quote(
                reportData: ReportData(paddingWithZeros: [1, 2, 3])!, form: SimulatedQuoteForm(.trustDomain(domain), version: self.version))
        }

        func quote(replacing offset: Int, with bytes: [UInt8]) throws -> [UInt8] {
            var quote = try self.quote()
            quote.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
            return quote
        }
    }

    static let samples = [
        Sample(version: 4, layout: .version1_0), Sample(version: 5, layout: .version1_0), Sample(version: 5, layout: .version1_5),
        Sample(version: 5, layout: .version1_5Extended),
    ]

    private static func littleEndian(_ value: Int, count: Int) -> [UInt8] { QuoteDecodingTests.littleEndian(value, count: count) }

    private static func failure(_ bytes: [UInt8]) -> QuoteError.Code? { QuoteDecodingTests.failure(bytes)?.code }

    @Test("every field is read from its place", arguments: Self.samples)
    func fields(sample: Sample) throws {
        let bytes = try sample.quote()
        let quote = try Quote(decoding: bytes.span)
        let report = try #require(quote.tdReport)
        let service: TDMeasurement? = sample.layout == .version1_0 ? nil : .simulated(0x33)
        #expect(report.layout == sample.layout)
        #expect(report.mrTD == .simulated(0x7d))
        #expect(report.mrSeam == .simulated(0x5e))
        #expect(report.mrSignerSeam == .zero)
        #expect(report.rtmrs == [.simulated(0xa0), .simulated(0xa1), .simulated(0xa2), .simulated(0xa3)])
        #expect(report.tdAttributes.bits == 1 << 28)
        #expect(report.xfam.hexString == "e706020000000000")
        #expect(report.teeTCBSVN.hexString.hasPrefix("050104"))
        #expect(report.current?.mrServiceTD == service)
        #expect(quote.reportData.bytes.starts(with: [1, 2, 3]))
        #expect(quote.signedBytes.count == sample.signatureSize)
        #expect(quote.certificationData.kind == .pckChain)
    }

    @Test("every truncation is refused", arguments: Self.samples)
    func truncation(sample: Sample) throws {
        let bytes = try sample.quote()
        for length in 0..<bytes.count { #expect(Self.failure(Array(bytes.prefix(length))) == .truncated, "length \(length)") }
    }

    @Test("every length field is refused at 0, 1, one off and the maximum", arguments: Self.samples)
    func lengths(sample: Sample) throws {
        let bytes = try sample.quote()
        let size = bytes.count - sample.signatureData
        for value in [0, 1, size - 1, size + 1, Int(UInt32.max)] {
            #expect(Self.failure(try sample.quote(replacing: sample.signatureSize, with: Self.littleEndian(value, count: 4))) != nil)
        }
        for value in [0, 1, size - 135, size - 133, Int(UInt32.max)] {
            let failure = Self.failure(try sample.quote(replacing: sample.outerSize, with: Self.littleEndian(value, count: 4)))
            #expect(failure == .malformedSignatureData)
        }
        for value in [0, 1, 31, 33, 0xffff] {
            #expect(Self.failure(try sample.quote(replacing: sample.authenticationSize, with: Self.littleEndian(value, count: 2))) != nil)
        }
        for value in [0, 1, Int(UInt32.max)] {
            let failure = Self.failure(try sample.quote(replacing: sample.certificationType + 2, with: Self.littleEndian(value, count: 4)))
            #expect(failure == .malformedSignatureData)
        }
    }

    @Test("body types and sizes that do not fit are refused", arguments: Self.samples.filter { $0.version == 5 })
    func descriptor(sample: Sample) throws {
        let own = Int(try sample.quote()[48])
        for type in [0, 1, 2, 3, 4, 5, 0xffff] where type != own {
            let changed = try sample.quote(replacing: 48, with: Self.littleEndian(type, count: 2))
            #expect(Self.failure(changed) == .unsupported, "type \(type)")
        }
        for size in [0, 1, sample.layout.size - 1, sample.layout.size + 1, Int(UInt32.max)] {
            #expect(Self.failure(try sample.quote(replacing: 50, with: Self.littleEndian(size, count: 4))) == .unsupported, "size \(size)")
        }
    }

    @Test("outer and inner certification data types that do not belong there are refused", arguments: Self.samples)
    func certificationDataTypes(sample: Sample) throws {
        for type in [0, 1, 5, 7, 0xffff] {
            #expect(Self.failure(try sample.quote(replacing: sample.outerSize - 2, with: Self.littleEndian(type, count: 2))) == .certificationData)
        }
        for type in [0, 6, 8, 0xffff] {
            #expect(
                Self.failure(try sample.quote(replacing: sample.certificationType, with: Self.littleEndian(type, count: 2))) == .certificationData)
        }
    }

    @Test("each attribute is its bit")
    func attributes() {
        for bit in 0..<64 {
            let attributes = TDAttributes(bits: 1 << UInt64(bit))
            #expect(attributes.isUnderDebug == (bit < 8))
            #expect(attributes.disablesSEPTViolationExceptions == (bit == 28))
            #expect(attributes.isMigratable == (bit == 29))
            #expect(TDAttributes(attributes.bytes)?.bits == 1 << UInt64(bit))
            let isReserved = (1...3).contains(bit) || (7...15).contains(bit) || (23...26).contains(bit) || (32...61).contains(bit)
            #expect((attributes.reservedBits != 0) == isReserved)
        }
    }
}
