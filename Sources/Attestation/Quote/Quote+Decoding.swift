// SPDX-License-Identifier: Apache-2.0

import ByteCoding

extension Quote {
    /// Parses a quote.
    ///
    /// Bytes after the signature data are ignored; inside it every container must be filled exactly.
    public init(decoding bytes: Span<UInt8>) throws(QuoteError) {
        guard bytes.count <= Self.maximumSize else {
            throw QuoteError(.tooLarge, "\(bytes.count) bytes, a quote has at most \(Self.maximumSize)")
        }
        var reader = ByteReader(bytes)
        let header = try QuoteHeader(from: &reader)
        let body = try Self.readBody(from: &reader, header: header)
        let signedSize = reader.offset
        let signatureBytes = try Self.readSignatureData(from: &reader)
        self.init(
            header: header, body: body,
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

    private static func readBody(from reader: inout ByteReader, header: QuoteHeader) throws(QuoteError) -> QuoteBody {
        switch try self.readBodyType(from: &reader, header: header) {
        case .enclave: .enclave(try EnclaveReport(from: &reader, named: "enclave report"))
        case .trustDomain(let layout): .trustDomain(try TDReport(from: &reader, layout: layout))
        }
    }

    /// Which body follows: the version and TEE of the header say it, and in version 5 a descriptor.
    private static func readBodyType(from reader: inout ByteReader, header: QuoteHeader) throws(QuoteError) -> BodyType {
        guard header.version == 5 else {
            guard header.tee == .tdx else { return .enclave }
            guard header.version == 4 else {
                throw QuoteError(.unsupported, "a version \(header.version) quote is for SGX; TEE type at offset 4 says TDX")
            }
            return .trustDomain(.version1_0)
        }
        let number = try reader.uint16("body type")
        let size = try reader.uint32("body size")
        guard let type = BodyType(descriptor: number) else { throw QuoteError(.unsupported, "body type \(number) at offset 48 is not known") }
        guard type.tee == header.tee else {
            throw QuoteError(.unsupported, "body type \(number) at offset 48 does not belong to TEE type \(header.tee.rawValue)")
        }
        guard size == UInt32(type.size) else {
            throw QuoteError(.unsupported, "body size \(size) at offset 50 is not \(type.size), the size of body type \(number)")
        }
        return type
    }

    /// What stands in a quote's body.
    private enum BodyType {
        case enclave
        case trustDomain(TDReport.Layout)

        /// The type that the descriptor of a version 5 quote names.
        init?(descriptor number: UInt16) {
            switch number {
            case 1: self = .enclave
            case 2: self = .trustDomain(.version1_0)
            case 3: self = .trustDomain(.version1_5)
            case 4: self = .trustDomain(.version1_5Extended)
            default: return nil
            }
        }

        var tee: TEE { if case .enclave = self { .sgx } else { .tdx } }

        var size: Int {
            switch self {
            case .enclave: EnclaveReport.size
            case .trustDomain(let layout): layout.size
            }
        }
    }
}
