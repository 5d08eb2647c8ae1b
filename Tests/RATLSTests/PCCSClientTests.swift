// SPDX-License-Identifier: Apache-2.0

import Attestation
import RATLS
import SimulatedTEE
import Testing

@Suite("Collateral from a PCCS")
struct PCCSClientTests {
    private static func client(_ change: @escaping @Sendable (String, CollateralResponse) -> CollateralResponse = { $1 }) -> (
        PCCSClient, SimulatedTransport
    ) {
        let transport = SimulatedTransport(SimulatedCollateralService(platform: Samples.platform), change: change)
        return (PCCSClient(address: Samples.address, transport: transport, sleep: { _ in }), transport)
    }

    @Test("is asked for with the quote's FMSPC and CA, and verifies the quote")
    func collateral() async throws {
        let (client, transport) = Self.client()
        let quote = try await Samples.quote()
        let collateral = try await client.collateral(for: quote)
        let key = try CollateralKey(quote: quote)
        let base = "https://pccs.example:8081/sgx/certification/v4"
        #expect(
            transport.urls == [
                "\(base)/pckcrl?ca=\(key.certificateAuthority.rawValue)&encoding=der", "\(base)/qe/identity", "\(base)/rootcacrl",
                "\(base)/tcb?fmspc=\(key.fmspc.hexString.uppercased())",
            ])
        let outcome = QuoteVerifier(roots: [Samples.platform.rootOfTrust]).verify(quote, collateral: collateral, at: Samples.time)
        #expect(outcome.report.firstFailure == nil)
        #expect(outcome.verifiedQuote != nil)
    }

    @Test(
        "that it does not have is told with status, address and remedy",
        arguments: [(404, "FMSPC"), (461, "register"), (500, "log"), (401, "subscription key"), (503, "cannot reach Intel")])
    func status(status: Int, remedy: String) async throws {
        let (client, _) = Self.client { url, response in
            url.contains("/tcb?") ? CollateralResponse(status: status, headers: [], body: Array("No cache data".utf8)) : response
        }
        let quote = try await Samples.quote()
        let error = await #expect(throws: RATLSError.self) { try await client.collateral(for: quote) }
        #expect(error?.code == .collateralUnavailable)
        #expect(error?.message.contains("/tcb?fmspc=") == true)
        #expect(error?.message.contains("\(status) (No cache data)") == true)
        #expect(error?.remedy?.contains(remedy) == true)
    }

    @Test("is asked for twice more when the service is busy")
    func retry() async throws {
        let (client, transport) = Self.client { url, response in
            url.contains("/qe/") ? CollateralResponse(status: 503, headers: [], body: []) : response
        }
        let quote = try await Samples.quote()
        await #expect(throws: RATLSError.self) { try await client.collateral(for: quote) }
        #expect(transport.urls.count { $0.contains("/qe/") } == 3)
    }

    @Test("takes the old name of the issuer chain's header")
    func oldHeader() async throws {
        let (client, _) = Self.client { url, response in
            guard url.contains("/tcb?"), let chain = response.headers["tcb-info-issuer-chain"] ?? response.headers["sgx-tcb-info-issuer-chain"] else {
                return response
            }
            return CollateralResponse(status: 200, headers: [("SGX-TCB-Info-Issuer-Chain", chain)], body: response.body)
        }
        #expect(try await client.collateral(for: Samples.quote()).tcbInfoIssuerChain.starts(with: Array("-----BEGIN".utf8)))
    }

    @Test("takes revocation lists as DER, PEM and hexadecimal digits", arguments: ["der", "pem", "hex", "HEX", "hex-nul"])
    func revocationLists(form: String) async throws {
        let expected = try await Self.client().0.collateral(for: Samples.quote())
        let (client, _) = Self.client { url, response in
            guard url.contains("crl"), let der = Self.der(response.body) else { return response }
            return CollateralResponse(status: 200, headers: response.headers.map { ($0.key, $0.value) }, body: Self.encode(der, form))
        }
        let collateral = try await client.collateral(for: Samples.quote())
        #expect(collateral.pckCRL == expected.pckCRL || collateral.pckCRL.first == 0x30)
        #expect(collateral.rootCACRL.first == 0x30)
    }

    private static func der(_ body: [UInt8]) -> [UInt8]? {
        if body.first == 0x30, body.count > 1, body[1] > 0x80 { return body }
        let text = Array(String(decoding: body, as: UTF8.self))
        return stride(from: 0, to: text.count - 1, by: 2).map { UInt8(String(text[$0...($0 + 1)]), radix: 16) ?? 0 }
    }

    private static func encode(_ der: [UInt8], _ form: String) -> [UInt8] {
        let digits = der.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        switch form {
        case "pem": return Array(PEMDocument(label: "X509 CRL", bytes: der).text.utf8)
        case "hex": return Array(digits.utf8)
        case "HEX": return Array(digits.uppercased().utf8)
        case "hex-nul": return Array(digits.utf8) + [0]
        default: return der
        }
    }

    @Test(
        "that is something else is refused, and its first bytes shown",
        arguments: [("/tcb?", "<html>proxy"), ("/qe/", ""), ("/pckcrl", "<html>"), ("/rootcacrl", "zz"), ("/rootcacrl", "")])
    func unexpected(part: String, body: String) async throws {
        let (client, _) = Self.client { url, response in
            url.contains(part)
                ? CollateralResponse(status: 200, headers: response.headers.map { ($0.key, $0.value) }, body: Array(body.utf8)) : response
        }
        let quote = try await Samples.quote()
        let error = await #expect(throws: RATLSError.self) { try await client.collateral(for: quote) }
        #expect(error?.code == .badCollateralResponse)
        #expect(error?.message.contains(body) == true)
    }

    @Test("without its issuer chain, or with a wrong one, is refused", arguments: ["", "%2", "not%20pem"])
    func issuerChain(value: String) async throws {
        let (client, _) = Self.client { url, response in
            guard url.contains("/qe/") else { return response }
            return CollateralResponse(status: 200, headers: value.isEmpty ? [] : [("sgx-enclave-identity-issuer-chain", value)], body: response.body)
        }
        let quote = try await Samples.quote()
        let error = await #expect(throws: RATLSError.self) { try await client.collateral(for: quote) }
        #expect(error?.code == .badCollateralResponse)
    }

    @Test(
        "comes from addresses that end in the API's path, and no others",
        arguments: [
            "", "pccs:8081", "ftp://a/sgx/certification/v4/", "https:///sgx/certification/v4", "https://pccs:8081/",
            "https://pccs/sgx/certification/v2/", "https://a/?x=/sgx/certification/v4/",
        ])
    func badAddress(text: String) {
        let error = #expect(throws: RATLSError.self) { try CollateralServiceAddress(text) }
        #expect(error?.code == .badServiceURL)
    }

    @Test("addresses may end without a slash")
    func addressWithoutSlash() throws {
        #expect(try CollateralServiceAddress("https://h:8081/sgx/certification/v3").base == "https://h:8081/sgx/certification/v3/")
    }
}
