// SPDX-License-Identifier: Apache-2.0

import Attestation
import ByteCoding
import Foundation
import RATLS
import SimulatedTEE
import Synchronization
import Testing

@Suite("Collateral for quotes without their PCK chain")
struct PCKCertificateTests {
    /// What a service answers to the request for the certificate.
    enum Answer: Sendable, CaseIterable {
        case good, missing, unknownPlatform, noPEM, twoCertificates, otherCertificate, shortChain

        var code: RATLSError.Code { [.missing, .unknownPlatform].contains(self) ? .collateralUnavailable : .badCollateralResponse }

        /// * `chain`: the platform's, DER, PCK certificate first.
        func response(_ chain: [[UInt8]]) -> CollateralResponse {
            let (leaf, issuers) = (chain[0], Array(chain.dropFirst()))
            switch self {
            case .good: return Self.response([leaf], issuers)
            case .missing: return CollateralResponse(status: 404, headers: [], body: [])
            case .unknownPlatform: return CollateralResponse(status: 461, headers: [], body: [])
            case .noPEM: return CollateralResponse(status: 200, headers: [], body: leaf)
            case .twoCertificates: return Self.response([leaf, issuers[0]], issuers)
            case .otherCertificate: return Self.response([issuers[0]], issuers)
            case .shortChain: return Self.response([leaf], [issuers[0]])
            }
        }

        private static func response(_ body: [[UInt8]], _ issuers: [[UInt8]]) -> CollateralResponse {
            let value = Self.pem(issuers).addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            return CollateralResponse(status: 200, headers: [("SGX-PCK-Certificate-Issuer-Chain", value)], body: Array(Self.pem(body).utf8))
        }

        private static func pem(_ certificates: [[UInt8]]) -> String {
            certificates.map { PEMDocument(label: "CERTIFICATE", bytes: $0).text }.joined()
        }
    }

    /// A client of a service that has PCK certificates, which the simulated one does not offer.
    private static func client(_ answer: Answer) throws -> (client: PCCSClient, transport: SimulatedTransport) {
        let chain = try PEMDocument.certificates(try Samples.platform.pckChain(), name: "chain")
        let transport = SimulatedTransport(SimulatedCollateralService(platform: Samples.platform)) { url, response in
            url.contains("/pckcert?") ? answer.response(chain) : response
        }
        let client = PCCSClient(address: Samples.address, transport: transport, subscriptionKey: "key", sleep: { _ in })
        return (client, transport)
    }

    private static func quote(_ kind: CertificationData.Kind) throws -> Quote {
        let form = SimulatedQuoteForm(.enclave(SimulatedEnclave()), version: 3, certificationData: kind)
        let reportData = try #require(ReportData(paddingWithZeros: [1]))
        let bytes = try Samples.platform.quote(reportData: reportData, form: form)
        return try Quote(decoding: bytes.span)
    }

    @Test(
        "is fetched with the certificate, and verifies", arguments: [CertificationData.Kind.plainPPID, .ppidRSA2048, .ppidRSA3072, .pckCertificate])
    func verifies(kind: CertificationData.Kind) async throws {
        let (client, transport) = try Self.client(.good)
        let quote = try Self.quote(kind)
        let collateral = try await client.collateral(for: quote)
        #expect(collateral.pckChain != nil)
        let outcome = QuoteVerifier(roots: [Samples.platform.rootOfTrust]).verify(quote, collateral: collateral, at: Samples.time)
        #expect(outcome.report.firstFailure == nil, "\(outcome.report.summary)")
        let isAsked = transport.urls.contains { $0.contains("/pckcert?") }
        #expect(isAsked == (kind != .pckCertificate))
        // The same through a cache, and out of a bundle.
        let cache = CollateralCache(client, clock: { Samples.time })
        let cached = try await cache.collateral(for: quote)
        #expect(cached.pckChain == collateral.pckChain)
        let other = try SimulatedPlatform.create(at: Samples.time)
        let key = CollateralKey(tee: .sgx, fmspc: other.fmspc, certificateAuthority: .platform)
        let stranger = CollateralEntry(key: key, collateral: try other.collateral(at: Samples.time), fetchedAt: Samples.time, source: "")
        let entry = try await client.entry(for: quote, at: Samples.time)
        let bundle = CollateralBundle([stranger, entry])
        let chosen = try bundle.collateral(forEncodedQuote: quote.encodedBytes)
        #expect(chosen.pckChain == collateral.pckChain)
    }

    @Test("is asked for as the quote names the platform, numbers little-endian")
    func request() async throws {
        let (client, transport) = try Self.client(.good)
        let quote = try Self.quote(.ppidRSA3072)
        _ = try await client.collateral(for: quote)
        let platform = try #require(quote.certificationData.platformIdentification)
        let pceSVN = [UInt8(platform.pceSVN & 0xff), UInt8(platform.pceSVN >> 8)].hexString
        let named = "qeid=\(quote.header.qeIdentifier)&encrypted_ppid=\(platform.ppid.hexString)"
        let query = "\(named)&cpusvn=\(platform.cpuSVN)&pcesvn=\(pceSVN)&pceid=0000"
        let urls = transport.urls
        #expect(platform.ppid.count == 384)
        #expect(urls.contains("https://pccs.example:8081/sgx/certification/v4/pckcert?\(query)"))
    }

    @Test("that is not what was asked for is refused", arguments: Answer.allCases.filter { $0 != .good })
    func bad(answer: Answer) async throws {
        let (client, _) = try Self.client(answer)
        let quote = try Self.quote(.ppidRSA3072)
        let error = await #expect(throws: RATLSError.self) { try await client.collateral(for: quote) }
        #expect(error?.code == answer.code)
    }
}
