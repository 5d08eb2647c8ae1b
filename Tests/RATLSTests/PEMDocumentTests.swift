// SPDX-License-Identifier: Apache-2.0

import RATLS
import Testing

@Suite("PEM files")
struct PEMDocumentTests {
    static let bytes: [UInt8] = Array(0..<100)
    static let document = PEMDocument(label: "CERTIFICATE", bytes: bytes)

    @Test("are written in lines of 64 characters and read back")
    func roundTrip() throws {
        #expect(Self.document.text.split(separator: "\n").allSatisfy { $0.utf8.count <= 64 })
        #expect(try PEMDocument.readAll(Array(Self.document.text.utf8), name: "t") == [Self.document])
    }

    @Test(
        "are read however their lines end",
        arguments: [("\n", "\r\n"), ("\n", "  \n\t"), ("\n", " "), ("\n", "")])
    func lineEnds(_ old: String, _ new: String) throws {
        let text = Self.document.text.split(separator: "\n").joined(separator: new)
        #expect(try PEMDocument.readAll(Array(text.utf8), name: "t") == [Self.document])
    }

    @Test("may hold several blocks and text between them")
    func several() throws {
        let key = PEMDocument(label: "EC PRIVATE KEY", bytes: [1, 2, 3])
        let text = "subject=/CN=x\n\(Self.document.text)\nissuer\n\(key.text)\(Self.document.text)"
        #expect(try PEMDocument.certificates(Array(text.utf8), name: "t") == [Self.bytes, Self.bytes])
        #expect(try PEMDocument.privateKey(Array(text.utf8), name: "t") == key)
    }

    @Test(
        "that are damaged are refused, by name",
        arguments: [
            "", "no block", "-----BEGIN CERTIFICATE-----\nAAAA", "-----BEGIN CERTIFICATE-----\nA*AA\n-----END CERTIFICATE-----",
            "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----", "-----BEGIN CERTIFICATE-----\nAAA\n-----END CERTIFICATE-----",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END RSA KEY-----", "-----BEGIN ", "-----BEGIN CERTIFICATE",
        ])
    func damaged(text: String) {
        let error = #expect(throws: RATLSError.self) { try PEMDocument.readAll(Array(text.utf8), name: "cert.pem") }
        #expect(error?.code == .badPEM)
        #expect(error?.message.contains("cert.pem") == true)
    }

    @Test("with an encrypted key say so")
    func encrypted() {
        let text = PEMDocument(label: "ENCRYPTED PRIVATE KEY", bytes: [1]).text
        let error = #expect(throws: RATLSError.self) { try PEMDocument.privateKey(Array(text.utf8), name: "key.pem") }
        #expect(error?.message.contains("encrypted") == true)
    }
}
