// SPDX-License-Identifier: Apache-2.0

import ByteCoding

extension Quote {
    /// Parses a quote.
    ///
    /// Bytes after the signature data are ignored; inside it every container must be filled exactly.
    /// TDX quotes are refused as unsupported.
    public init(decoding bytes: Span<UInt8>) throws(QuoteError) {
        guard bytes.count <= Self.maximumSize else {
            throw QuoteError(.tooLarge, "\(bytes.count) bytes, a quote has at most \(Self.maximumSize)")
        }
        var reader = ByteReader(bytes)
        let header = try QuoteHeader(from: &reader)
        try Self.readBodyType(from: &reader, header: header)
        let enclaveReport = try EnclaveReport(from: &reader, named: "enclave report")
        let signedSize = reader.offset
        let signatureBytes = try Self.readSignatureData(from: &reader)
        self.init(
            header: header, enclaveReport: enclaveReport,
            signatureData: try QuoteSignatureData(decoding: signatureBytes.span, version: header.version),
            encodedBytes: [UInt8](copying: bytes.extracting(0..<reader.offset)), signedSize: signedSize, paddingSize: reader.remaining)
    }

    private static func readSignatureData(from reader: inout ByteReader) throws(QuoteError) -> [UInt8] {
        let offset = reader.offset
        let size = try reader.uint32("signature data size")
        guard let count = Int(exactly: size), count <= reader.remaining else {
            throw QuoteError(.truncated, "signature data size \(size) at offset \(offset), \(reader.remaining) bytes left")
        }
        return try reader.bytes(count, of: "signature data")
    }

    /// Reads what says which body follows: the header, and in version 5 a descriptor.
    private static func readBodyType(from reader: inout ByteReader, header: QuoteHeader) throws(QuoteError) {
        if header.version == 3, header.tee != .sgx { throw QuoteError(.unsupported, "a version 3 quote is for SGX; TEE type at offset 4 says TDX") }
        if header.version == 5 {
            let type = try reader.uint16("body type")
            let size = try reader.uint32("body size")
            guard (1...4).contains(type) else { throw QuoteError(.unsupported, "body type \(type) at offset 48 is not known") }
            guard (type == Self.enclaveReportBodyType) == (header.tee == .sgx) else {
                throw QuoteError(.unsupported, "body type \(type) at offset 48 does not belong to TEE type \(header.tee.rawValue)")
            }
            if header.tee == .sgx, size != UInt32(EnclaveReport.size) {
                throw QuoteError(.unsupported, "body size \(size) at offset 50 is not \(EnclaveReport.size), the size of an enclave report")
            }
        }
        guard header.tee == .sgx else { throw QuoteError(.unsupported, "TDX quotes are not supported yet (version \(header.version))") }
    }

    private static let enclaveReportBodyType: UInt16 = 1
}
