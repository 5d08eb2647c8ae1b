// SPDX-License-Identifier: Apache-2.0

import ByteCoding

/// What an enclave's signer says about it: the SIGSTRUCT that `gramine-sgx-sign` writes as `NAME.sig`.
///
/// 1808 bytes as Intel's Software Developer's Manual lays them out (volume 3D, section 38.13). Decoding looks at the form alone; whether the
/// signature holds is for ``verify()`` to say.
public struct Sigstruct: Hashable, Sendable {
    /// Number of bytes of an encoded structure.
    public static let size = 1808

    /// VENDOR: 0, or 0x8086 for Intel's own enclaves.
    public let vendor: UInt32
    /// DATE of signing.
    public let date: SigningDate
    /// SWDEFINED: a word that the signer may use.
    public let softwareDefined: UInt32
    /// MODULUS of the signer's key, little-endian as stored.
    public let modulus: RSAValue
    /// EXPONENT of the signer's key; 3.
    public let exponent: UInt32
    /// SIGNATURE, little-endian as stored.
    public let signature: RSAValue
    /// MISCSELECT that the enclave has to have where ``miscMask`` has a bit.
    public let miscSelect: UInt32
    /// MISCMASK.
    public let miscMask: UInt32
    /// CET attributes that the enclave has to have where ``cetMask`` has a bit.
    public let cetAttributes: UInt8
    /// CET attributes mask.
    public let cetMask: UInt8
    /// ISVFAMILYID (KSS).
    public let familyID: FamilyID
    /// ATTRIBUTES that the enclave has to have where ``attributesMask`` has a bit.
    public let attributes: EnclaveAttributes
    /// ATTRIBUTEMASK.
    public let attributesMask: EnclaveAttributes
    /// ENCLAVEHASH, which is MRENCLAVE.
    public let mrEnclave: Measurement
    /// ISVEXTPRODID (KSS).
    public let extendedProductID: ExtendedProductID
    /// Product number.
    public let isvProdID: UInt16
    /// Security version number.
    public let isvSVN: UInt16
    /// Q1, by which the processor checks the signature without dividing.
    public let q1: RSAValue
    /// Q2, likewise.
    public let q2: RSAValue
    /// The bytes that are signed: [0, 128) and [900, 1028).
    let signedBytes: [UInt8]

    /// Decodes the content of a `.sig` file, which has to be exactly ``size`` bytes.
    ///
    /// - Throws: ``SigstructError`` naming the field.
    public init(decoding bytes: [UInt8]) throws(SigstructError) {
        guard bytes.count == Self.size else {
            throw SigstructError(.wrongSize, "a SIGSTRUCT is \(Self.size) bytes long, this is \(bytes.count)")
        }
        var reader = SigstructReader(bytes.span)
        try reader.expect(Self.header, "HEADER")
        self.vendor = try reader.uint32()
        self.date = SigningDate(encoded: try reader.uint32())
        try reader.expect(Self.header2, "HEADER2")
        self.softwareDefined = try reader.uint32()
        try reader.expectZeros(84, "the reserved bytes")
        self.modulus = try reader.value(RSAValue.self)
        self.exponent = try reader.uint32()
        self.signature = try reader.value(RSAValue.self)
        self.miscSelect = try reader.uint32()
        self.miscMask = try reader.uint32()
        self.cetAttributes = try reader.uint8()
        self.cetMask = try reader.uint8()
        try reader.expectZeros(2, "the reserved bytes")
        self.familyID = try reader.value(FamilyID.self)
        self.attributes = try reader.attributes()
        self.attributesMask = try reader.attributes()
        self.mrEnclave = try reader.value(Measurement.self)
        try reader.expectZeros(16, "the reserved bytes")
        self.extendedProductID = try reader.value(ExtendedProductID.self)
        self.isvProdID = try reader.uint16()
        self.isvSVN = try reader.uint16()
        try reader.expectZeros(12, "the reserved bytes")
        self.q1 = try reader.value(RSAValue.self)
        self.q2 = try reader.value(RSAValue.self)
        try reader.requireEnd()
        self.signedBytes = Array(bytes[..<128] + bytes[900..<1028])
    }

    /// HEADER and HEADER2, which tell a SIGSTRUCT from anything else.
    private static let header: [UInt8] = [6, 0, 0, 0, 0xe1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0]
    private static let header2: [UInt8] = [1, 1, 0, 0, 0x60, 0, 0, 0, 0x60, 0, 0, 0, 1, 0, 0, 0]

    /// Whether an enclave started from this structure is a debug enclave, which protects nothing.
    public var debugMode: DebugMode {
        guard self.attributesMask.isDebug else { return .host }
        return self.attributes.isDebug ? .always : .never
    }

    /// Who decides whether the enclave can be read and written from outside.
    public enum DebugMode: String, Hashable, Sendable, Codable {
        /// The signer: it cannot.
        case never
        /// The signer: it can, always.
        case always
        /// Whoever starts it, since the mask leaves the bit open; a verifier sees it in the quote.
        case host
    }
}
