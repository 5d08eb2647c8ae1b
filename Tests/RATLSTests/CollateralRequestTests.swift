// SPDX-License-Identifier: Apache-2.0

import Attestation
import RATLS
import SimulatedTEE
import Testing

@Suite("Requests to a collateral service")
struct CollateralRequestTests {
    private static let fmspc = FMSPC(hex: "b0c06f000000")!

    /// The URLs that a client asks for, of a service that has nothing.
    private static func urls(
        _ base: String, tee: TEE, _ update: CollateralUpdate = .standard, ca: SGXPlatform.CertificateAuthority = .platform
    ) async throws -> [String] {
        let transport = SimulatedTransport(SimulatedCollateralService(platform: Samples.platform)) { _, _ in
            CollateralResponse(status: 404, headers: [], body: [])
        }
        let client = PCCSClient(address: try CollateralServiceAddress(base), transport: transport, sleep: { _ in })
        let key = CollateralKey(tee: tee, fmspc: Self.fmspc, certificateAuthority: ca)
        let error = await #expect(throws: RATLSError.self) { try await client.collateral(for: key, update: update) }
        #expect(error?.code == .collateralUnavailable)
        return transport.urls
    }

    @Test("for TDX go to /tdx/ for TCB info and QE identity, and to /sgx/ for revocation lists")
    func tdx() async throws {
        #expect(
            try await Self.urls("https://pccs:8081/sgx/certification/v4/", tee: .tdx) == [
                "https://pccs:8081/sgx/certification/v4/crl?uri=https://certificates.trustedservices.intel.com/IntelSGXRootCA.der",
                "https://pccs:8081/sgx/certification/v4/pckcrl?ca=platform&encoding=der", "https://pccs:8081/sgx/certification/v4/rootcacrl",
                "https://pccs:8081/tdx/certification/v4/qe/identity", "https://pccs:8081/tdx/certification/v4/tcb?fmspc=B0C06F000000",
            ])
    }

    @Test("to Intel get the root's revocation list from where Intel publishes it")
    func intel() async throws {
        #expect(
            try await Self.urls("https://api.trustedservices.intel.com/sgx/certification/v4/", tee: .sgx, ca: .processor) == [
                "https://api.trustedservices.intel.com/sgx/certification/v4/pckcrl?ca=processor&encoding=der",
                "https://api.trustedservices.intel.com/sgx/certification/v4/qe/identity",
                "https://api.trustedservices.intel.com/sgx/certification/v4/tcb?fmspc=B0C06F000000",
                "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der",
            ])
    }

    @Test(
        "for another edition name it, for TCB info and QE identity alike",
        arguments: [(CollateralUpdate.early, "update=early"), (.evaluation(21), "tcbEvaluationDataNumber=21")])
    func update(update: CollateralUpdate, query: String) async throws {
        let urls = try await Self.urls("https://pccs/sgx/certification/v4/", tee: .tdx, update)
        #expect(
            urls.filter { $0.contains(query) } == [
                "https://pccs/tdx/certification/v4/qe/identity?\(query)", "https://pccs/tdx/certification/v4/tcb?fmspc=B0C06F000000&\(query)",
            ])
    }

    @Test("of version 3 know neither TDX nor editions", arguments: [(TEE.tdx, CollateralUpdate.standard), (.sgx, .early), (.sgx, .evaluation(3))])
    func version3(tee: TEE, update: CollateralUpdate) async throws {
        let transport = SimulatedTransport(SimulatedCollateralService(platform: Samples.platform))
        let client = PCCSClient(address: try CollateralServiceAddress("https://pccs/sgx/certification/v3/"), transport: transport)
        let key = CollateralKey(tee: tee, fmspc: Self.fmspc, certificateAuthority: .platform)
        let error = await #expect(throws: RATLSError.self) { try await client.collateral(for: key, update: update) }
        #expect(error?.code == .badServiceURL)
        #expect(error?.remedy?.contains("v4") == true)
        #expect(transport.urls.isEmpty)
    }

    @Test("of version 3 for SGX get collateral that verifies")
    func version3SGX() async throws {
        let transport = SimulatedTransport(SimulatedCollateralService(platform: Samples.platform))
        let client = PCCSClient(address: try CollateralServiceAddress("https://pccs/sgx/certification/v3/"), transport: transport)
        let quote = try await Samples.quote()
        let outcome = QuoteVerifier(roots: [Samples.platform.rootOfTrust])
            .verify(quote, collateral: try await client.collateral(for: quote), at: Samples.time)
        #expect(outcome.report.firstFailure == nil)
    }

    @Test("for the root's revocation list go on to `crl` where `rootcacrl` is not known")
    func rootCRLElsewhere() async throws {
        let transport = SimulatedTransport(SimulatedCollateralService(platform: Samples.platform)) { url, response in
            if url.hasSuffix("/rootcacrl") { return CollateralResponse(status: 404, headers: [], body: []) }
            guard url.contains("/crl?") else { return response }
            return CollateralResponse(status: 200, headers: [], body: (try? Samples.platform.collateral(at: Samples.time).rootCACRL) ?? [])
        }
        let quote = try await Samples.quote()
        let collateral = try await PCCSClient(address: Samples.address, transport: transport, sleep: { _ in }).collateral(for: quote)
        let outcome = QuoteVerifier(roots: [Samples.platform.rootOfTrust]).verify(quote, collateral: collateral, at: Samples.time)
        #expect(outcome.report.firstFailure == nil)
    }

    @Test("show no subscription key when they are printed")
    func subscriptionKey() throws {
        let transport = SimulatedTransport(SimulatedCollateralService(platform: Samples.platform))
        let client = PCCSClient(address: Samples.address, transport: transport, subscriptionKey: "c0ffee")
        #expect(!"\(client)".contains("c0ffee"))
    }
}
