// SPDX-License-Identifier: Apache-2.0

import ByteCoding

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// One block of a PEM file (RFC 7468): a label and the bytes it stands for.
///
/// Reads more than RFC 7468 writes, because certificates that are in use were made that way: bodies on one line of any
/// length, line ends of any kind or none at all between the markers and the body, text between blocks.
public struct PEMDocument: Hashable, Sendable {
    /// The largest PEM file that is read.
    public static let sizeLimit = 1 << 20

    /// What the block says it is, such as `CERTIFICATE`.
    public let label: String
    /// The decoded body.
    public let bytes: [UInt8]

    /// Makes a block from its parts.
    public init(label: String, bytes: [UInt8]) {
        self.label = label
        self.bytes = bytes
    }

    /// Reads every block of a PEM file.
    ///
    /// * `text`: the file's bytes.
    /// * `name`: how errors name the file.
    ///
    /// - Throws: ``RATLSError/Code-swift.struct/badPEM`` for a text without blocks, without an end marker, or with a body that is not base64.
    public static func readAll(_ text: [UInt8], name: String) throws(RATLSError) -> [PEMDocument] {
        guard text.count <= Self.sizeLimit else { throw RATLSError(.badPEM, "\(name) is larger than \(Self.sizeLimit) bytes") }
        var scanner = PEMScanner(text: text[...], name: name)
        var documents: [PEMDocument] = []
        while let document = try scanner.next() { documents.append(document) }
        guard !documents.isEmpty else {
            throw RATLSError(.badPEM, "\(name) holds no PEM block", remedy: "give a file that begins with -----BEGIN")
        }
        return documents
    }

    /// The DER of each certificate in a PEM file, in the file's order.
    ///
    /// - Throws: ``RATLSError/Code-swift.struct/badPEM`` also when there is none.
    public static func certificates(_ text: [UInt8], name: String) throws(RATLSError) -> [[UInt8]] {
        let found = try Self.readAll(text, name: name).filter {
            $0.label == "CERTIFICATE" || $0.label == "TRUSTED CERTIFICATE" || $0.label == "X509 CERTIFICATE"
        }
        guard !found.isEmpty else { throw RATLSError(.badPEM, "\(name) holds no certificate", remedy: "give a file with a CERTIFICATE block") }
        return found.map(\.bytes)
    }

    /// The DER of the first private key in a PEM file: PKCS#8, SEC 1 or PKCS#1.
    ///
    /// - Throws: ``RATLSError/Code-swift.struct/badPEM`` also when there is none or it is encrypted.
    public static func privateKey(_ text: [UInt8], name: String) throws(RATLSError) -> PEMDocument {
        let documents = try Self.readAll(text, name: name)
        if let key = documents.first(where: { ["PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY"].contains($0.label) }) { return key }
        if documents.contains(where: { $0.label == "ENCRYPTED PRIVATE KEY" }) {
            throw RATLSError(.badPEM, "the private key in \(name) is encrypted", remedy: "decrypt it first: openssl pkey -in FILE -out FILE")
        }
        throw RATLSError(.badPEM, "\(name) holds no private key", remedy: "give a file with a PRIVATE KEY block")
    }

    /// The block as RFC 7468 writes it: lines of 64 characters.
    public var text: String {
        let body = Data(self.bytes).base64EncodedString()
        var lines = ["-----BEGIN \(self.label)-----"]
        var rest = Substring(body)
        while !rest.isEmpty {
            lines.append(String(rest.prefix(64)))
            rest = rest.dropFirst(64)
        }
        lines.append("-----END \(self.label)-----")
        return lines.joined(separator: "\n") + "\n"
    }
}
