// SPDX-License-Identifier: Apache-2.0

import Attestation
import Foundation
import RATLS
import SimulatedTEE
import Testing

@Suite("Forecasts of a platform's status")
struct ForecastTests {
    private static let verifier = QuoteVerifier(roots: [Samples.platform.rootOfTrust])
    /// The simulated disclosure of evaluation 21 is of 2026-11-10.
    private static let change = Date(timeIntervalSince1970: 1_825_804_800)

    /// A client of a service whose early edition says something else of the platform.
    private static func client(
        early: Set<SimulatedFault>?, _ change: @escaping @Sendable (String, CollateralResponse) -> CollateralResponse = { $1 }
    ) -> PCCSClient {
        let service = SimulatedCollateralService(platform: Samples.platform, early: early)
        return PCCSClient(address: Samples.address, transport: SimulatedTransport(service, change: change), sleep: { _ in })
    }

    private static func forecast(_ client: PCCSClient) async throws -> StatusForecast {
        try await client.forecast(for: Samples.quote(), verifier: Self.verifier, at: Samples.time)
    }

    @Test(
        "tell the day of a change and the status that it brings",
        arguments: [
            (SimulatedFault.outOfDatePlatform, TCBStatus.outOfDate), (.hardeningNeeded, .swHardeningNeeded), (.revokedPlatformLevel, .revoked),
        ])
    func change(fault: SimulatedFault, status: TCBStatus) async throws {
        let forecast = try await Self.forecast(Self.client(early: [fault]))
        #expect(forecast.present.status == .upToDate)
        #expect(forecast.present.evaluationDataNumber == 20)
        #expect(forecast.present.standardFrom == nil)
        let change = try #require(forecast.nextChange)
        #expect(change.evaluationDataNumber == 21)
        #expect(change.status == status)
        #expect(change.standardFrom == Self.change)
        #expect(!change.advisoryIDs.isEmpty)
        #expect((change.failure == nil) == (status != .revoked))
    }

    @Test("tell of no change where the later edition says the same")
    func same() async throws {
        let forecast = try await Self.forecast(Self.client(early: []))
        #expect(forecast.upcoming.map(\.evaluationDataNumber) == [21])
        #expect(forecast.nextChange == nil)
    }

    @Test("tell of nothing where no later edition is out")
    func none() async throws {
        let forecast = try await Self.forecast(Self.client(early: nil))
        #expect(forecast.upcoming.isEmpty)
        #expect(forecast.nextChange == nil)
    }

    @Test("use the early edition and its newest level's date where a service has no list of evaluations", arguments: [404, 400])
    func withoutList(status: Int) async throws {
        let client = Self.client(early: [.outOfDatePlatform]) { url, response in
            url.hasSuffix("/tcbevaluationdatanumbers") ? CollateralResponse(status: status, headers: [], body: []) : response
        }
        let change = try #require(try await Self.forecast(client).nextChange)
        #expect(change.status == .outOfDate)
        // A year after the newest simulated level, of 2025-05-14.
        #expect(change.standardFrom == Date(timeIntervalSince1970: 1_778_716_800))
    }

    @Test("do not believe a list that is damaged, unsigned, outdated, or of another root")
    func badList() async throws {
        let other = SimulatedCollateralService(platform: try SimulatedPlatform.create(at: Samples.time), early: [])
        let request = SimulatedCollateralService.Request(path: "/sgx/certification/v4/tcbevaluationdatanumbers")
        let strange = try other.respond(to: request, at: Samples.time)
        let old = try SimulatedCollateralService(platform: Samples.platform, early: [])
            .respond(to: request, at: Samples.time.addingTimeInterval(-40 * 86400))
        @Sendable func response(_ answer: SimulatedCollateralService.Response) -> CollateralResponse {
            CollateralResponse(status: 200, headers: answer.headers.map { ($0.key, $0.value) }, body: answer.body)
        }
        let changes: [@Sendable (CollateralResponse) -> CollateralResponse] = [
            { _ in response(strange) }, { _ in response(old) },
            { CollateralResponse(status: 200, headers: $0.headers.map { ($0.key, $0.value) }, body: Array("{}".utf8)) },
            { good in
                let body = String(decoding: good.body, as: UTF8.self).replacing("2026-11-10", with: "2099-11-10")
                return CollateralResponse(status: 200, headers: good.headers.map { ($0.key, $0.value) }, body: Array(body.utf8))
            },
        ]
        for change in changes {
            let client = Self.client(early: []) { url, response in
                url.hasSuffix("/tcbevaluationdatanumbers") ? change(response) : response
            }
            let error = await #expect(throws: RATLSError.self) { try await Self.forecast(client) }
            #expect(error?.code == .badCollateralResponse)
        }
    }

    @Test("of a model of platforms tell what becomes of each level")
    func levels() async throws {
        let key = CollateralKey(tee: .sgx, fmspc: Samples.platform.fmspc, certificateAuthority: .platform)
        let forecasts = try await Self.client(early: [.outOfDatePlatform]).forecast(for: key, roots: Self.verifier.roots, at: Samples.time)
        let forecast = try #require(forecasts.first)
        #expect(forecasts.count == 1)
        #expect((forecast.presentNumber, forecast.upcomingNumber) == (20, 21))
        #expect(forecast.standardFrom == Self.change)
        #expect(forecast.levels.map(\.level.status) == [.upToDate, .outOfDate, .revoked])
        #expect(forecast.levels.map(\.status) == [.outOfDate, .outOfDate, .revoked])
        #expect(forecast.levels.map(\.isChange) == [true, false, false])
        #expect(try await Self.client(early: nil).forecast(for: key, roots: Self.verifier.roots, at: Samples.time).isEmpty)
    }

    @Test("of a service of version 3 are refused")
    func version3() async throws {
        let transport = SimulatedTransport(SimulatedCollateralService(platform: Samples.platform))
        let client = PCCSClient(address: try CollateralServiceAddress("https://pccs/sgx/certification/v3/"), transport: transport)
        let error = await #expect(throws: RATLSError.self) { try await Self.forecast(client) }
        #expect(error?.code == .badServiceURL)
    }
}
