// SPDX-License-Identifier: Apache-2.0

import ByteCoding

/// The report of an SGX enclave: of the attester in a quote's body, and of the quoting enclave in its signature data.
///
/// 384 bytes as Intel's Software Developer's Manual lays them out. Reserved bytes are not looked at, as in Intel's own verifier.
public struct EnclaveReport: Hashable, Sendable {
    /// Number of bytes of an encoded report.
    public static let size = 384

    /// Security version of the processor when the report was made.
    public let cpuSVN: CPUSVN
    /// MISCSELECT: which extra information the enclave's state save area holds.
    public let miscSelect: UInt32
    /// ISVEXTPRODID (KSS).
    public let extendedProductID: ExtendedProductID
    /// ATTRIBUTES.
    public let attributes: EnclaveAttributes
    /// Measurement of the enclave's content.
    public let mrEnclave: Measurement
    /// Digest of the public key that signed the enclave.
    public let mrSigner: Measurement
    /// CONFIGID (KSS).
    public let configID: ConfigID
    /// Product number given by the signer.
    public let isvProdID: UInt16
    /// Security version number given by the signer.
    public let isvSVN: UInt16
    /// CONFIGSVN (KSS).
    public let configSVN: UInt16
    /// ISVFAMILYID (KSS).
    public let familyID: FamilyID
    /// What the enclave had the report bind.
    public let reportData: ReportData

    init(decoding bytes: Span<UInt8>, named name: String) throws(QuoteError) {
        var reader = ByteReader(bytes)
        try self.init(from: &reader, named: name)
    }

    init(from reader: inout ByteReader, named name: String) throws(QuoteError) {
        self.cpuSVN = try reader.value(CPUSVN.self, "\(name) CPUSVN")
        self.miscSelect = try reader.uint32("\(name) MISCSELECT")
        try reader.skip(12, of: name)
        self.extendedProductID = try reader.value(ExtendedProductID.self, "\(name) ISVEXTPRODID")
        let flags = try reader.uint64("\(name) ATTRIBUTES")
        self.attributes = EnclaveAttributes(flags: flags, xfrm: try reader.uint64("\(name) XFRM"))
        self.mrEnclave = try reader.value(Measurement.self, "\(name) MRENCLAVE")
        try reader.skip(32, of: name)
        self.mrSigner = try reader.value(Measurement.self, "\(name) MRSIGNER")
        try reader.skip(32, of: name)
        self.configID = try reader.value(ConfigID.self, "\(name) CONFIGID")
        self.isvProdID = try reader.uint16("\(name) ISVPRODID")
        self.isvSVN = try reader.uint16("\(name) ISVSVN")
        self.configSVN = try reader.uint16("\(name) CONFIGSVN")
        try reader.skip(42, of: name)
        self.familyID = try reader.value(FamilyID.self, "\(name) ISVFAMILYID")
        self.reportData = try reader.value(ReportData.self, "\(name) report data")
    }
}
