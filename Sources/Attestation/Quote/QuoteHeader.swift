// SPDX-License-Identifier: Apache-2.0

import ByteCoding

/// The first 48 bytes of a quote of any version.
public struct QuoteHeader: Hashable, Sendable {
    /// Number of bytes of an encoded header.
    public static let size = 48

    /// Version of the quote format: 3, 4 or 5.
    public let version: UInt16
    /// What kind of trusted execution environment made the report.
    public let tee: TEE
    /// QE SVN of a version 3 quote; informative only, never a base for decisions.
    public let qeSVN: UInt16
    /// PCE SVN of a version 3 quote; informative only, never a base for decisions.
    public let pceSVN: UInt16
    /// Vendor of the quoting enclave.
    public let qeVendorID: QEVendorID
    /// Instance of the quoting enclave, which collateral services call `qeid`.
    public let qeIdentifier: QEIdentifier

    /// Reads the header and refuses what this library cannot verify.
    init(from reader: inout ByteReader) throws(QuoteError) {
        self.version = try reader.uint16("version")
        guard (3...5).contains(self.version) else { throw QuoteError(.unsupported, "quote version \(self.version) at offset 0 is not 3, 4 or 5") }
        let keyType = try reader.uint16("attestation key type")
        guard keyType == Self.ecdsaP256KeyType else {
            throw QuoteError(.unsupported, "attestation key type \(keyType) at offset 2 is not 2 (ECDSA with P-256)")
        }
        let teeType = try reader.uint32("TEE type")
        guard let tee = TEE(headerValue: teeType) else {
            throw QuoteError(.unsupported, "TEE type 0x\(String(teeType, radix: 16)) at offset 4 is neither SGX (0) nor TDX (0x81)")
        }
        self.tee = tee
        self.qeSVN = try reader.uint16("QE SVN")
        self.pceSVN = try reader.uint16("PCE SVN")
        self.qeVendorID = try reader.value(QEVendorID.self, "QE vendor")
        guard self.qeVendorID.isIntel else {
            throw QuoteError(.unsupported, "QE vendor \(self.qeVendorID) at offset 12 is not Intel (\(QEVendorID.intelBytes.hexString))")
        }
        self.qeIdentifier = try reader.value(QEIdentifier.self, "user data")
        try reader.skip(4, of: "user data")
    }

    private static let ecdsaP256KeyType: UInt16 = 2
}
