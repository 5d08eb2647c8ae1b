// SPDX-License-Identifier: Apache-2.0

import Attestation
import Foundation
import TestSupport
import Testing

@Suite("SIGSTRUCT")
struct SigstructTests {
    private static func failure(_ bytes: [UInt8]) throws -> Check.ID? { try Sigstruct(decoding: bytes).verify().report.firstFailure?.id }

    @Test("a structure that openssl signed is verified and says what was signed, with every field in use")
    func signed() throws {
        var fields = SigstructFields()
        fields.familyID = Array(1...16)
        fields.extendedProductID = Array(17...32)
        fields.cet = (0x11, 0xff)
        fields.vendor = 0x8086
        let sigstruct = try Sigstruct(decoding: try SigstructSigner.shared.get().sign(fields))
        #expect(sigstruct.verify().report.allPassed)
        #expect(sigstruct.mrEnclave.bytes == fields.mrEnclave)
        #expect(sigstruct.isvProdID == 7)
        #expect(sigstruct.isvSVN == 3)
        #expect(sigstruct.date.description == "2026-11-23")
        #expect(sigstruct.familyID.bytes == Array(1...16))
        #expect(sigstruct.extendedProductID.bytes == Array(17...32))
        #expect(sigstruct.cetAttributes == 0x11 && sigstruct.cetMask == 0xff)
        #expect(sigstruct.vendor == 0x8086)
        #expect(sigstruct.debugMode == .never)
    }

    @Test("many signatures hold, so that quotients of every shape are met", arguments: 0..<8)
    func manySignatures(seed: UInt8) throws {
        var fields = SigstructFields()
        fields.mrEnclave = [UInt8](repeating: seed, count: 32)
        #expect(try Self.failure(try SigstructSigner.shared.get().sign(fields)) == nil)
    }

    @Test(
        "an altered byte fails the check that covers it",
        arguments: [
            (20, Check.ID.sigstructSignature), (127, .sigstructSignature), (900, .sigstructSignature), (960, .sigstructSignature),
            (1024, .sigstructSignature), (1026, .sigstructSignature), (928, .sigstructSignature), (944, .sigstructSignature),
            (896, .sigstructQ1), (512, .sigstructKey), (1040, .sigstructQ1), (1423, .sigstructQ1), (1424, .sigstructQ2), (1807, .sigstructQ2),
        ])
    func altered(offset: Int, check: Check.ID) throws {
        var bytes = try SigstructSigner.shared.get().sign(SigstructFields())
        bytes[offset] ^= 1
        if offset == 127 {
            // The last reserved byte: refused before the signature is looked at.
            #expect(throws: SigstructError.self) { try Sigstruct(decoding: bytes) }
        } else {
            #expect(try Self.failure(bytes) == check)
        }
    }

    @Test("a modulus below 3072 bits, or a signature not below the modulus, is refused")
    func badKey() throws {
        let good = try SigstructSigner.shared.get().sign(SigstructFields())
        var short = good
        short[511] = 0
        #expect(try Self.failure(short) == .sigstructKey)
        var large = good
        large.replaceSubrange(516..<900, with: [UInt8](repeating: 0xff, count: 384))
        #expect(try Self.failure(large) == .sigstructKey)
    }

    @Test("zeros everywhere the signature is are refused, not taken as a signature of zero")
    func zeroSignature() throws {
        var bytes = try SigstructSigner.shared.get().sign(SigstructFields())
        for range in [516..<900, 1040..<1808] { bytes.replaceSubrange(range, with: [UInt8](repeating: 0, count: range.count)) }
        #expect(try Self.failure(bytes) == .sigstructSignature)
    }

    @Test(
        "the debug mode is the signer's only where the mask fixes it",
        arguments: [
            (UInt64(4), UInt64.max, Sigstruct.DebugMode.never), (6, .max, .always), (6, ~2, .host), (4, ~2, .host),
        ])
    func debugMode(flags: UInt64, mask: UInt64, mode: Sigstruct.DebugMode) throws {
        var fields = SigstructFields()
        fields.attributeFlags = flags
        fields.attributeFlagsMask = mask
        #expect(try Sigstruct(decoding: fields.unsigned).debugMode == mode)
    }

    @Test("every other length is refused for its length")
    func lengths() {
        let bytes = SigstructFields().unsigned
        for length in Array(0..<bytes.count) + [bytes.count + 1] {
            let error = #expect(throws: SigstructError.self) { try Sigstruct(decoding: Array((bytes + [0]).prefix(length))) }
            #expect(error?.code == .wrongSize)
        }
    }

    @Test(
        "a set bit in headers or reserved bytes is refused as that",
        arguments: [
            (0, SigstructError.Code.wrongHeader), (15, .wrongHeader), (24, .wrongHeader), (39, .wrongHeader), (44, .reservedBytes),
            (127, .reservedBytes),
            (910, .reservedBytes), (911, .reservedBytes), (992, .reservedBytes), (1007, .reservedBytes), (1028, .reservedBytes),
            (1039, .reservedBytes),
        ])
    func reserved(offset: Int, code: SigstructError.Code) {
        var bytes = SigstructFields().unsigned
        bytes[offset] ^= 0x80
        let error = #expect(throws: SigstructError.self) { try Sigstruct(decoding: bytes) }
        #expect(error?.code == code)
    }

    @Test("two builds are compared field by field")
    func differences() throws {
        var later = SigstructFields()
        later.isvSVN = 4
        later.mrEnclave[0] = 0
        let differences = try Sigstruct(decoding: SigstructFields().unsigned).differences(from: Sigstruct(decoding: later.unsigned))
        #expect(differences.map(\.field) == ["MRENCLAVE", "ISVSVN"])
        #expect(differences.last?.first == "3" && differences.last?.second == "4")
        let back = try Sigstruct(decoding: later.unsigned).differences(from: Sigstruct(decoding: SigstructFields().unsigned))
        #expect(back.last?.meaning.contains("step back") == true)
    }
}

/// Structures made by others.
@Suite("SIGSTRUCT vectors", .enabled(if: SharedVectors.exist("sigstruct")))
struct SigstructVectorTests {
    struct Expected: Decodable {
        let mr_signer: String
        let mr_enclave: String
        let isv_prod_id: UInt16
        let isv_svn: UInt16
        let date: String
        let attribute_flags: String
        let attribute_xfrm: String
        let attribute_flags_mask: String
        let attribute_xfrm_mask: String
        let misc_mask: String
        let debug: Bool
        let signature_valid: Bool
    }

    private struct Manifest: Decodable { let files: [String: Expected] }

    @Test("each says what its description says, and only the sound one is verified", arguments: ["production-gramine.sig", "broken-signature.sig"])
    func vector(name: String) throws {
        let manifest = try JSONDecoder().decode(Manifest.self, from: Data(try SharedVectors.read("sigstruct/manifest.json")))
        let expected = try #require(manifest.files[name])
        let sigstruct = try Sigstruct(decoding: try SharedVectors.read("sigstruct/\(name)"))
        func hexadecimal(_ value: some BinaryInteger) -> String { "0x" + String(value, radix: 16) }
        #expect(sigstruct.claimedMRSigner.hexString == expected.mr_signer)
        #expect(sigstruct.mrEnclave.hexString == expected.mr_enclave)
        #expect(sigstruct.isvProdID == expected.isv_prod_id)
        #expect(sigstruct.isvSVN == expected.isv_svn)
        #expect(sigstruct.date.description == expected.date)
        #expect(hexadecimal(sigstruct.attributes.flags) == expected.attribute_flags)
        #expect(hexadecimal(sigstruct.attributes.xfrm) == expected.attribute_xfrm)
        #expect(hexadecimal(sigstruct.attributesMask.flags) == expected.attribute_flags_mask)
        #expect(hexadecimal(sigstruct.attributesMask.xfrm) == expected.attribute_xfrm_mask)
        #expect(hexadecimal(sigstruct.miscMask) == expected.misc_mask)
        #expect(sigstruct.attributes.isDebug == expected.debug)
        #expect(sigstruct.verify().report.allPassed == expected.signature_valid)
    }
}
