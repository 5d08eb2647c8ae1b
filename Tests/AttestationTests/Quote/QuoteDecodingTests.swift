// SPDX-License-Identifier: Apache-2.0

import Attestation
import Foundation
import TestSupport
import Testing

@Suite("Quote decoding", .enabled(if: SharedVectors.exist("dcap")))
struct QuoteDecodingTests {
    static let path = "dcap/quotes/sgx-v3-00a067110000-743a7a64.bin"
    static let sample = (try? SharedVectors.read(Self.path)) ?? []
    /// Where the signature data begins in a version 3 quote, and its fields in it.
    static let signatureData = 436
    static let authenticationSize = Self.signatureData + 576

    static func failure(_ bytes: [UInt8]) -> QuoteError? {
        do throws(QuoteError) {
            _ = try Quote(decoding: bytes.span)
            return nil
        } catch {
            return error
        }
    }

    static func littleEndian(_ value: Int, count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }

    static func replacing(at offset: Int, _ bytes: [UInt8]) -> [UInt8] {
        var quote = self.sample
        quote.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
        return quote
    }

    @Test("a real quote's fields are read")
    func fields() throws {
        let quote = try Quote(decoding: Self.sample.span)
        #expect(quote.header.version == 3)
        #expect(quote.header.tee == .sgx)
        let report = try #require(quote.enclaveReport)
        #expect(report.mrEnclave == Measurement(hex: "a39d532e6ac9fe8ad9418851bbe26e1dee7408006505fce8580b511b97e704b4"))
        #expect(report.mrSigner == Measurement(hex: "9affcfae47b848ec2caf1c49b4b283531e1cc425f93582b36806e52a43d78d1a"))
        #expect(report.attributes.bytes == [7, 0, 0, 0, 0, 0, 0, 0, 0xff, 2, 0, 0, 0, 0, 0, 0])
        #expect(report.attributes.isDebug)
        #expect(report.cpuSVN == CPUSVN(hex: "0b0c0218ffff04000000000000000000"))
        #expect(report.reportData.hexString.hasSuffix("c0d8928bbe2b5cee5253a3ccff2fb0a21e4f99adb1c972f1c4796423275e0fff"))
        #expect(quote.certificationData.kind == .pckChain)
        #expect(quote.signedBytes.count == 432)
        #expect(quote.qeAuthenticationData == Array(0..<32))
    }

    @Test("the platform of the embedded certificate is read without verification")
    func claimedPlatform() throws {
        let platform = try #require(try Quote(decoding: Self.sample.span).claimedPlatform())
        #expect(platform.fmspc == FMSPC(hex: "00a067110000"))
        #expect(platform.pceID == PCEID(hex: "0000"))
        #expect(platform.pceSVN == 13)
        #expect(platform.ppid == PPID(hex: "f94f246ca440226f82bcf30c83c13581"))
        #expect(platform.certificateAuthority == .processor)
        #expect(platform.memoryProtection == .standard)
    }

    @Test("every truncation is refused")
    func truncation() throws {
        let quote = try Quote(decoding: Self.sample.span)
        for length in 0..<quote.encodedBytes.count {
            #expect(Self.failure(Array(Self.sample.prefix(length)))?.code == .truncated, "length \(length)")
        }
    }

    @Test("bytes after the signature data are legal padding")
    func padding() throws {
        let quote = try Quote(decoding: Self.sample.span)
        let padded = try Quote(decoding: (quote.encodedBytes + [UInt8](repeating: 0xa5, count: 3065)).span)
        #expect(padded.paddingSize == 3065)
        #expect(padded.encodedBytes == quote.encodedBytes)
    }

    @Test("a quote is read up to the size limit and not beyond", arguments: [(-1, nil), (0, nil), (1, QuoteError.Code.tooLarge)])
    func limit(difference: Int, code: QuoteError.Code?) {
        let padding = Quote.maximumSize + difference - Self.sample.count
        #expect(Self.failure(Self.sample + [UInt8](repeating: 0, count: padding))?.code == code)
    }

    @Test("the signature data size is refused at 0, 1, one off and the maximum")
    func signatureDataSize() throws {
        let size = try Quote(decoding: Self.sample.span).encodedBytes.count - Self.signatureData
        for value in [0, 1, size - 1, Int(UInt32.max)] {
            #expect(Self.failure(Self.replacing(at: 432, Self.littleEndian(value, count: 4))) != nil, "size \(value)")
        }
    }

    @Test("the authentication data size is refused at 0, 1, one off and the maximum", arguments: [0, 1, 31, 33, 0xffff])
    func authenticationDataSize(size: Int) {
        #expect(Self.failure(Self.replacing(at: Self.authenticationSize, Self.littleEndian(size, count: 2))) != nil)
    }

    @Test("the certification data size is refused at 0, 1, one off and the maximum")
    func certificationDataSize() throws {
        let size = try Quote(decoding: Self.sample.span).certificationData.content.count
        let offset = Self.authenticationSize + 2 + 32 + 2
        for value in [0, 1, size - 1, size + 1, Int(UInt32.max)] {
            let failure = Self.failure(Self.replacing(at: offset, Self.littleEndian(value, count: 4)))
            #expect(failure?.code == .malformedSignatureData, "size \(value)")
        }
    }

    @Test(
        "only known versions, key types, TEEs and vendors are read",
        arguments: [
            (0, [0, 0]), (0, [1, 0]), (0, [2, 0]), (0, [6, 0]), (0, [0xff, 0xff]), (2, [0, 0]), (2, [3, 0]), (4, [0x81, 0]), (4, [1, 0]), (7, [1]),
            (12, [0x92]),
        ] as [(Int, [UInt8])])
    func unsupported(offset: Int, bytes: [UInt8]) {
        #expect(Self.failure(Self.replacing(at: offset, bytes))?.code == .unsupported)
    }

    @Test("certification data that cannot be used is refused", arguments: [0, 6, 8, 0xffff])
    func certificationDataType(type: Int) {
        let offset = Self.authenticationSize + 2 + 32
        #expect(Self.failure(Self.replacing(at: offset, Self.littleEndian(type, count: 2)))?.code == .certificationData)
    }
}
