// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Signs SIGSTRUCTs as an enclave's signer does: openssl signs, Python divides.
///
/// Independent of the code under test, which neither signs nor divides.
package final class SigstructSigner: Sendable {
    private let scratch: ScratchFolder

    /// One key for all tests of a run: making one takes a while.
    package static let shared = Result { try SigstructSigner() }

    /// Makes a throw-away key.
    package init() throws {
        self.scratch = try ScratchFolder()
        try Self.run("openssl", ["genrsa", "-3", "-out", self.scratch.file("key"), "3072"])
    }

    /// A complete structure with the given fields.
    package func sign(_ fields: SigstructFields) throws -> [UInt8] {
        let unsigned = try self.scratch.write(fields.unsigned, to: UUID().uuidString)
        try Self.run("python3", ["-c", Self.script, self.scratch.file("key"), unsigned])
        return [UInt8](try Data(contentsOf: URL(fileURLWithPath: unsigned)))
    }

    /// Puts modulus, exponent, signature, Q1 and Q2 into the file in place.
    private static let script = """
        import subprocess, sys
        key, path = sys.argv[1:]
        data = bytearray(open(path, "rb").read())
        sign = ["openssl", "dgst", "-sha256", "-sign", key]
        signature = subprocess.run(sign, input=bytes(data[:128] + data[900:1028]), stdout=subprocess.PIPE, check=True).stdout
        text = subprocess.run(["openssl", "rsa", "-in", key, "-noout", "-modulus"], capture_output=True, check=True).stdout
        m, s = int(text.split(b"=")[1], 16), int.from_bytes(signature, "big")
        q1 = s * s // m
        q2 = s * (s * s % m) // m
        for offset, value in ((128, m), (516, s), (1040, q1), (1424, q2)):
            data[offset:offset + 384] = value.to_bytes(384, "little")
        data[512:516] = (3).to_bytes(4, "little")
        open(path, "wb").write(data)
        """

    private struct ToolFailed: Error { let tool: String }

    private static func run(_ tool: String, _ arguments: [String]) throws {
        guard try ChildProcess.run(tool, arguments) == 0 else { throw ToolFailed(tool: tool) }
    }
}

/// The fields that a test varies.
package struct SigstructFields {
    package var mrEnclave = [UInt8](repeating: 0x5e, count: 32)
    package var isvProdID: UInt16 = 7
    package var isvSVN: UInt16 = 3
    package var attributeFlags: UInt64 = 4
    package var attributeFlagsMask = UInt64.max
    package var date: UInt32 = 0x2026_1123
    package var vendor: UInt32 = 0
    package var familyID = [UInt8](repeating: 0, count: 16)
    package var extendedProductID = [UInt8](repeating: 0, count: 16)
    package var cet: (attributes: UInt8, mask: UInt8) = (0, 0)

    package init() {}

    /// 1808 bytes, zero where the signature goes.
    package var unsigned: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 1808)
        func put(_ value: [UInt8], at offset: Int) { bytes.replaceSubrange(offset..<(offset + value.count), with: value) }
        func little(_ value: some FixedWidthInteger) -> [UInt8] { (0..<(value.bitWidth / 8)).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } }
        put([6, 0, 0, 0, 0xe1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0], at: 0)
        put(little(self.vendor), at: 16)
        put(little(self.date), at: 20)
        put([1, 1, 0, 0, 0x60, 0, 0, 0, 0x60, 0, 0, 0, 1, 0, 0, 0], at: 24)
        put(little(UInt32.max), at: 904)
        put([self.cet.attributes, self.cet.mask], at: 908)
        put(self.familyID, at: 912)
        put(little(self.attributeFlags) + little(UInt64(3)), at: 928)
        put(little(self.attributeFlagsMask) + little(UInt64(0xffff_ffff_fff9_ff1b)), at: 944)
        put(self.mrEnclave, at: 960)
        put(self.extendedProductID, at: 1008)
        put(little(self.isvProdID) + little(self.isvSVN), at: 1024)
        return bytes
    }
}
