// SPDX-License-Identifier: Apache-2.0

import Attestation
import Foundation
import KeyBroker
import Logging
import RATLS
import SimulatedTEE
import Testing

@Suite("The forecast of a broker's platforms")
struct TCBForecastTests {
    /// Runs a forecast service beside a broker that has released a secret, until its metric is there.
    private static func line(_ forecast: @escaping TCBForecastService.Forecaster) async throws -> String? {
        var found: String?
        try await RunningBroker.with { broker in
            _ = try await broker.ask()
            let (asked, answered) = AsyncStream.makeStream(of: Void.self)
            let service = TCBForecastService(
                metrics: broker.metrics, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }), interval: .milliseconds(1),
                clock: {
                    // The service looks at its clock once it has an answer.
                    answered.yield()
                    return Date()
                }, forecast: forecast)
            await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await service.run() }
                for await _ in asked {
                    found = broker.metrics.text(at: Date()).split(separator: "\n").first { $0.hasPrefix("sealwright_broker_tcb_change_days{") }
                        .map(String.init)
                    if found != nil { break }
                }
                group.cancelAll()
            }
        }
        return found
    }

    /// A collateral service of the platform in this process, with an early edition that has these faults.
    private struct Transport: CollateralTransport {
        let early: Set<SimulatedFault>

        func get(_ url: String, headers: [String: String], bodyLimit: Int) async throws -> CollateralResponse {
            let components = URLComponents(string: url)
            let request = SimulatedCollateralService.Request(path: components?.path ?? "", query: components?.query ?? "")
            let answer = try SimulatedCollateralService(platform: RunningBroker.platform, early: self.early).respond(to: request, at: Date())
            return CollateralResponse(status: answer.status, headers: answer.headers.map { ($0.key, $0.value) }, body: answer.body)
        }
    }

    private static func forecast(_ quote: Quote, early: Set<SimulatedFault>) async throws -> StatusForecast {
        let client = PCCSClient(address: try CollateralServiceAddress("http://pccs/sgx/certification/v4/"), transport: Transport(early: early))
        return try await client.forecast(for: quote, verifier: QuoteVerifier(roots: [RunningBroker.platform.rootOfTrust]), at: Date())
    }

    @Test("is a metric: days until a newer evaluation judges otherwise")
    func change() async throws {
        let line = try await Self.line { try await Self.forecast($0, early: [.outOfDatePlatform]) }
        let days = try #require(line?.split(separator: " ").last.flatMap { Double($0) })
        // A year after the simulated disclosure of 2026-11-10.
        let expected = Date(timeIntervalSince1970: 1_825_804_800).timeIntervalSinceNow / 86400
        #expect(abs(days - expected) < 0.1, "\(line ?? "")")
        #expect(line?.contains("tee=\"SGX\",fmspc=\"\(RunningBroker.platform.fmspc)\"") == true)
    }

    @Test("is infinite where no change is known")
    func none() async throws {
        let line = try await Self.line { try await Self.forecast($0, early: []) }
        #expect(line?.hasSuffix(" +Inf") == true, "\(line ?? "")")
    }
}
