// SPDX-License-Identifier: Apache-2.0

import ByteCoding

/// One document that a collateral service is asked for, and how its answer is read.
struct CollateralDocument {
    let url: String
    /// How errors name the document.
    let name: String
    /// Names of the header that carries the issuer chain, in order of preference; PCCS versions differ.
    var issuerChainHeaders: [String] = []
    /// What to do when the service does not have it.
    var missingRemedy = "refresh the PCCS (it may be in OFFLINE mode), or use Intel's PCS"

    /// The largest body: TCB info and revocation lists are some 10 kB.
    static let bodyLimit = 1 << 20
    /// The largest issuer chain: two certificates are some 4 kB.
    static let issuerChainLimit = 64 << 10
    /// How much of an unexpected answer an error shows.
    private static let excerptLength = 60

    /// The body of a JSON document, byte for byte.
    func json(from response: CollateralResponse) throws(RATLSError) -> [UInt8] {
        try self.requireSuccess(response)
        guard response.body.first == UInt8(ascii: "{") else { throw self.unexpected(response, "JSON") }
        return response.body
    }

    /// The DER of a revocation list that was sent as DER, PEM or hexadecimal digits.
    func revocationList(from response: CollateralResponse) throws(RATLSError) -> [UInt8] {
        try self.requireSuccess(response)
        if response.body.first == 0x30, response.body.count > 1, response.body[1] & 0x80 != 0 { return response.body }
        if response.body.starts(with: Array("-----BEGIN".utf8)) {
            let documents = try PEMDocument.readAll(response.body, name: self.url)
            if let list = documents.first(where: { $0.label == "X509 CRL" }) { return list.bytes }
        }
        // Old services end the digits in a NUL or a line end.
        let digits = String(decoding: response.body.filter { ![0x00, 0x0a, 0x0d, 0x20].contains($0) }, as: UTF8.self)
        if let bytes = [UInt8](hex: digits), bytes.first == 0x30 { return bytes }
        throw self.unexpected(response, "a revocation list")
    }

    /// The PEM of the certificates that sign the document.
    func issuerChain(from response: CollateralResponse) throws(RATLSError) -> [UInt8] {
        guard let value = self.issuerChainHeaders.lazy.compactMap({ response.headers[$0.lowercased()] }).first else {
            throw RATLSError(
                .badCollateralResponse, "\(self.url) answered without the header \(self.issuerChainHeaders.joined(separator: " or "))",
                remedy: "check that the address is a PCCS, and that no proxy removes headers")
        }
        guard value.utf8.count <= Self.issuerChainLimit, let chain = PercentEncoding.decode(value),
            chain.starts(with: Array("-----BEGIN CERTIFICATE-----".utf8))
        else {
            throw RATLSError(
                .badCollateralResponse, "the issuer chain of \(self.url) is not percent-encoded PEM", remedy: "check that the address is a PCCS")
        }
        return chain
    }

    private func requireSuccess(_ response: CollateralResponse) throws(RATLSError) {
        guard response.status != 200 else { return }
        let text = self.excerpt(response)
        throw RATLSError(
            .collateralUnavailable, "\(self.url) answered \(response.status)\(text.isEmpty ? "" : " (\(text))"): no \(self.name)",
            remedy: self.remedy(status: response.status))
    }

    private func remedy(status: Int) -> String {
        switch status {
        case 404: self.missingRemedy
        case 401, 403: "the service wants a subscription key or credentials: use a PCCS, or Intel's PCS, which asks for none here"
        case 410: "the TCB evaluation number is no longer offered: refresh the PCCS"
        case 429: "too many requests: run a PCCS of your own, or wait"
        case 460: "the PCCS found its own data damaged: refresh it"
        case 461: "the platform is unknown to this PCCS: register it (PCKIDRetrievalTool), or use the PCCS of the platform's owner"
        case 462: "some of the platform's certificates are unavailable at Intel: refresh the PCCS"
        case 502, 503, 504: "the PCCS cannot reach Intel: check its subscription key and proxy, then try again"
        default: "read the service's own log"
        }
    }

    private func unexpected(_ response: CollateralResponse, _ expected: String) -> RATLSError {
        RATLSError(
            .badCollateralResponse, "\(self.url) answered 200 but not with \(expected): \(self.excerpt(response))",
            remedy: "check that the address is a PCCS of the right version and that no proxy answers in its place")
    }

    /// The start of a body, on one line, printable.
    private func excerpt(_ response: CollateralResponse) -> String {
        let start = response.body.prefix(Self.excerptLength).map { (0x20...0x7e).contains($0) ? $0 : UInt8(ascii: ".") }
        return String(decoding: start, as: UTF8.self)
    }
}
