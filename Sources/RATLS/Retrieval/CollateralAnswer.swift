// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import SwiftASN1
import X509

/// What a service answered to the request for a document, and how that is read.
///
/// Only the form is judged here, so that a wrong service is told from a wrong statement; what the statements are worth is for verification to say.
struct CollateralAnswer {
    let document: CollateralDocument
    let url: String
    let response: CollateralResponse

    /// How much of an unexpected answer an error shows.
    private static let excerptLength = 60

    /// The body of a JSON document, byte for byte.
    func json() throws(RATLSError) -> [UInt8] {
        try self.requireSuccess()
        guard self.response.body.first == UInt8(ascii: "{") else { throw self.unexpected("JSON") }
        return self.response.body
    }

    /// The body of a PEM document with one certificate, ending in a line end.
    func certificate() throws(RATLSError) -> [UInt8] {
        try self.requireSuccess()
        guard let certificates = try? PEMDocument.certificates(self.response.body, name: self.url), certificates.count == 1 else {
            throw self.unexpected("one PEM certificate")
        }
        return self.response.body + [UInt8(ascii: "\n")]
    }

    /// The DER of a revocation list that was sent as DER, PEM or hexadecimal digits.
    func revocationList() throws(RATLSError) -> [UInt8] {
        try self.requireSuccess()
        let body = self.response.body
        if body.first == 0x30, body.count > 1, body[1] & 0x80 != 0 { return body }
        if body.starts(with: Array("-----BEGIN".utf8)) {
            let documents = (try? PEMDocument.readAll(body, name: self.url)) ?? []
            if let list = documents.first(where: { $0.label == "X509 CRL" }) { return list.bytes }
        }
        // Old services end the digits in a NUL or a line end.
        let digits = String(decoding: body.filter { ![0x00, 0x0a, 0x0d, 0x20].contains($0) }, as: UTF8.self)
        if let bytes = [UInt8](hex: digits), bytes.first == 0x30 { return bytes }
        throw self.unexpected("a revocation list")
    }

    /// The PEM of the certificates that sign the document: the signer's and the root's.
    func issuerChain() throws(RATLSError) -> [UInt8] {
        let names = self.document.issuerChainHeaders
        guard let value = names.lazy.compactMap({ self.response.headers[$0.lowercased()] }).first else {
            throw RATLSError(
                .badCollateralResponse, "\(self.url) answered without the header \(names.joined(separator: " or "))",
                remedy: "check that the address is a PCCS, and that no proxy removes headers")
        }
        guard value.utf8.count <= CollateralDocument.issuerChainLimit, let chain = PercentEncoding.decode(value),
            chain.starts(with: Array("-----BEGIN CERTIFICATE-----".utf8))
        else { throw self.badIssuerChain("is not percent-encoded PEM") }
        guard let certificates = try? PEMDocument.certificates(chain, name: self.url) else { throw self.badIssuerChain("is damaged PEM") }
        guard certificates.count == CollateralDocument.issuerChainCount else {
            throw self.badIssuerChain("holds \(certificates.count) certificates, \(CollateralDocument.issuerChainCount) wanted")
        }
        for (index, der) in certificates.enumerated() where (try? Certificate(derEncoded: der)) == nil {
            throw self.badIssuerChain("holds something else than a certificate as number \(index + 1)")
        }
        return chain
    }

    private func badIssuerChain(_ problem: String) -> RATLSError {
        RATLSError(.badCollateralResponse, "the issuer chain of \(self.url) \(problem)", remedy: "check that the address is a PCCS; refresh it")
    }

    private func requireSuccess() throws(RATLSError) {
        guard self.response.status != 200 else { return }
        let text = self.excerpt
        throw RATLSError(
            .collateralUnavailable, "\(self.url) answered \(self.response.status)\(text.isEmpty ? "" : " (\(text))"): no \(self.document.name)",
            remedy: self.remedy)
    }

    private var remedy: String {
        switch self.response.status {
        case 400: "the service did not understand the request: check that its version of the interface is the address's (v3 or v4)"
        case 404: self.document.missingRemedy
        case 401, 403: "the service wants a subscription key or credentials: use a PCCS, or give the key of Intel's service"
        case 410: "the TCB evaluation number is no longer offered: refresh the PCCS"
        case 429: self.response.retryAfter.map { "too many requests: try again in \($0)" } ?? "too many requests: run a PCCS of your own, or wait"
        case 460: "the PCCS found its own data damaged: refresh it"
        case 461: "the platform is unknown to this PCCS: register it (PCKIDRetrievalTool), or use the PCCS of the platform's owner"
        case 462: "some of the platform's certificates are unavailable at Intel: refresh the PCCS"
        case 502, 503, 504: "the PCCS cannot reach Intel: check its subscription key and proxy, then try again"
        default: "read the service's own log"
        }
    }

    private func unexpected(_ expected: String) -> RATLSError {
        RATLSError(
            .badCollateralResponse, "\(self.url) answered 200 but not with \(expected): \(self.excerpt)",
            remedy: "check that the address is a PCCS of the right version and that no proxy answers in its place")
    }

    /// The start of the body, on one line, printable.
    private var excerpt: String {
        let start = self.response.body.prefix(Self.excerptLength).map { (0x20...0x7e).contains($0) ? $0 : UInt8(ascii: ".") }
        return String(decoding: start, as: UTF8.self)
    }
}
