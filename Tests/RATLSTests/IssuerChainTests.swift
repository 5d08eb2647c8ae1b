// SPDX-License-Identifier: Apache-2.0

import Attestation
import ByteCoding
import Foundation
import RATLS
import SimulatedTEE
import Testing

@Suite("Issuer chains in headers")
struct IssuerChainTests {
    /// A client of a service whose issuer chains are changed; `change` gets the certificates of a chain, DER.
    private static func client(in part: String, _ change: @escaping @Sendable ([[UInt8]]) -> [[UInt8]]) -> PCCSClient {
        let transport = SimulatedTransport(SimulatedCollateralService(platform: Samples.platform)) { url, response in
            guard url.contains(part) else { return response }
            let headers = response.headers.map { name, value in
                guard name.hasSuffix("issuer-chain"), let text = value.removingPercentEncoding,
                    let chain = try? PEMDocument.certificates(Array(text.utf8), name: url)
                else { return (name: name, value: value) }
                let changed = change(chain).map { PEMDocument(label: "CERTIFICATE", bytes: $0).text }.joined()
                return (name: name, value: changed.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")
            }
            return CollateralResponse(status: response.status, headers: headers, body: response.body)
        }
        return PCCSClient(address: Samples.address, transport: transport, sleep: { _ in })
    }

    private static let parts = ["/tcb?", "/qe/identity", "/pckcrl"]

    @Test("of another number of certificates than two are refused", arguments: Self.parts)
    func count(part: String) async throws {
        for change: @Sendable ([[UInt8]]) -> [[UInt8]] in [{ Array($0.prefix(1)) }, { $0 + $0 }, { $0 + $0.suffix(1) }] {
            let error = await #expect(throws: RATLSError.self) { try await Self.client(in: part, change).collateral(for: Samples.quote()) }
            #expect(error?.code == .badCollateralResponse)
            #expect(error?.message.contains("certificates, 2 wanted") == true, "\(error?.message ?? "")")
        }
    }

    @Test("with something else than a certificate are refused", arguments: Self.parts)
    func noCertificate(part: String) async throws {
        for change: @Sendable ([[UInt8]]) -> [[UInt8]] in [{ [[0x30, 0x00]] + $0.suffix(1) }, { $0.prefix(1) + [$0[1].dropLast()] }] {
            let error = await #expect(throws: RATLSError.self) { try await Self.client(in: part, change).collateral(for: Samples.quote()) }
            #expect(error?.code == .badCollateralResponse)
            #expect(error?.message.contains("something else than a certificate") == true, "\(error?.message ?? "")")
        }
    }

    @Test(
        "that are well-formed and wrong are got, and refused by verification",
        arguments: [("/tcb?", "tcb-info-chain"), ("/qe/identity", "qe-identity-chain")])
    func wrong(part: String, area: String) async throws {
        let other = try SimulatedPlatform.create(at: Samples.time).collateral(at: Samples.time)
        let strangers = try PEMDocument.certificates(other.tcbInfoIssuerChain, name: "other")
        let quote = try await Samples.quote()
        for change: @Sendable ([[UInt8]]) -> [[UInt8]] in [{ $0.reversed() }, { _ in strangers }, { $0.prefix(1) + strangers.suffix(1) }] {
            let collateral = try await Self.client(in: part, change).collateral(for: quote)
            let outcome = QuoteVerifier(roots: [Samples.platform.rootOfTrust]).verify(quote, collateral: collateral, at: Samples.time)
            let failure = try #require(outcome.report.firstFailure)
            #expect(failure.id.description.hasPrefix(area), "\(failure)")
        }
    }
}
