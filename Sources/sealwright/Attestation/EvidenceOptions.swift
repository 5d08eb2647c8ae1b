// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Attestation
import ByteCoding
import Foundation
import RATLS

/// What is to be verified: a quote, or an RA-TLS certificate with a quote in it, from a file or shown by a server.
struct EvidenceOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The quote: binary, or hexadecimal text.", valueName: "file"))
    var quote: String?

    @Option(help: ArgumentHelp("An RA-TLS certificate instead, DER or PEM.", valueName: "file"))
    var certificate: String?

    @Option(help: ArgumentHelp("A TLS server instead, whose RA-TLS certificate is looked at.", valueName: "host:port"))
    var connect: String?

    /// Most bytes of a file with a certificate: PEM is a third longer than DER.
    private static let certificateLimit = 2 * RATLSCertificate.maximumCertificateSize

    /// Reads what is named, and asks the server if that is named.
    ///
    /// - Throws: a ``CommandFailure`` unless exactly one is named, and errors of files and connections.
    func read() async throws -> Evidence {
        switch (self.quote, self.certificate, self.connect) {
        case (let file?, nil, nil): return .quote(try QuoteCommand.read(file))
        case (nil, let file?, nil): return .certificate(try Self.certificate(file))
        case (nil, nil, let address?):
            let (host, port) = try Self.endpoint(address)
            return .certificate(try await PeerCertificate.fetch(host: host, port: port))
        default:
            throw CommandFailure(
                "missing-evidence", "name what to verify by exactly one of --quote, --certificate and --connect",
                remedy: "give a quote, an RA-TLS certificate, or the address of a TLS server")
        }
    }

    private static func certificate(_ file: String) throws -> [UInt8] {
        let bytes = try InputFile.readAll(file, limit: Self.certificateLimit)
        guard bytes.first != 0x30 else { return bytes }
        return try PEMDocument.certificates(bytes, name: file).first ?? bytes
    }

    /// Host and port; an IPv6 address stands in brackets.
    private static func endpoint(_ text: String) throws -> (host: String, port: Int) {
        let colon = text.lastIndex(of: ":")
        let host = colon.map { text[..<$0] } ?? ""
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        guard let colon, let port = Int(text[text.index(after: colon)...]), (1...65535).contains(port), !host.isEmpty,
            isBracketed || !host.contains(":")
        else {
            throw CommandFailure("invalid-address", "--connect \(text) is not host:port", remedy: "write server.example:8500 or [::1]:8500")
        }
        return (isBracketed ? String(host.dropFirst().dropLast()) : String(host), port)
    }
}

/// Evidence as it was received, unverified.
enum Evidence {
    /// An encoded quote.
    case quote([UInt8])
    /// An RA-TLS certificate, DER.
    case certificate([UInt8])

    /// The quote in it; nothing for a certificate that cannot be read.
    var encodedQuote: [UInt8] {
        switch self {
        case .quote(let bytes): bytes
        case .certificate(let der): (try? RATLSCertificate(decoding: der))?.quote ?? []
        }
    }

    /// Verifies it, a certificate with what binds its quote to its key.
    func verify(by verifier: QuoteVerifier, collateral: Collateral, at time: Date) -> VerificationOutcome {
        switch self {
        case .quote(let bytes): verifier.verify(encodedQuote: bytes, collateral: collateral, at: time)
        case .certificate(let der): verifier.verify(certificateDER: der, collateral: collateral, at: time)
        }
    }
}
