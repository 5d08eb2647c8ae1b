// SPDX-License-Identifier: Apache-2.0

import Foundation
import KeyBroker
import Logging
import RATLS
import ServiceLifecycle
import SimulatedTEE
import TestSupport
import Testing

@Suite("The look at the collateral service when a broker starts")
struct CollateralWatchTests {
    private static let time = Date(timeIntervalSince1970: 1_795_000_000)
    private static let timeText = "Wed, 18 Nov 2026 11:06:40 GMT"

    /// A QE identity that holds at the time.
    private static let identity: String = {
        // swift-format-ignore: NeverUseForceTry
        let service = try! SimulatedCollateralService(platform: SimulatedPlatform.create(at: Self.time))
        let request = SimulatedCollateralService.Request(path: "/sgx/certification/v4/qe/identity", query: "")
        // swift-format-ignore: NeverUseForceTry
        return String(decoding: try! service.respond(to: request, at: Self.time).body, as: UTF8.self)
    }()

    /// A service that answers as it is told to, or not at all.
    private struct Transport: CollateralTransport {
        var status: Int? = 200
        var date = CollateralWatchTests.timeText
        var body = CollateralWatchTests.identity

        func get(_ url: String, headers: [String: String], bodyLimit: Int) async throws -> CollateralResponse {
            guard let status else { throw Unreachable() }
            return CollateralResponse(status: status, headers: [("Date", self.date)], body: Array(self.body.utf8))
        }
    }

    private struct Unreachable: Error {}

    /// What /readyz would say after the first look; `nil` when the broker is ready.
    private static func obstacle(_ transport: Transport) async throws -> String? {
        let readiness = Readiness(doors: [])
        let watch = CollateralWatch(
            try CollateralServiceAddress("https://pccs.example:8081/sgx/certification/v4/"), transport: transport, store: nil, readiness: readiness,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }), clock: { Self.time })
        let unasked = await readiness.findObstacle()
        #expect(unasked == "the collateral service has not answered yet")
        return await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await watch.run() }
            while await readiness.findObstacle() == unasked { await Task.yield() }
            group.cancelAll()
            return await readiness.findObstacle()
        }
    }

    @Test("a service that answers makes the broker ready")
    func answers() async throws {
        #expect(try await Self.obstacle(Transport()) == nil)
    }

    @Test("a service that does not answer, answers wrongly, or shows that the clock is off, is told with the remedy")
    func faults() async throws {
        let silent = try await Self.obstacle(Transport(status: nil))
        #expect(silent?.isEmpty == false)
        let empty = try await Self.obstacle(Transport(status: 404))
        #expect(empty?.contains("status 404") == true && empty?.contains("what to do: check the address") == true, "\(empty ?? "")")
        let page = try await Self.obstacle(Transport(body: "<html>"))
        #expect(page?.contains("status 200") == true, "\(page ?? "")")
        let clock = try await Self.obstacle(Transport(date: "Thu, 19 Nov 2026 11:06:40 GMT"))
        #expect(clock?.contains("differ by 86400 s; what to do: start a time service") == true, "\(clock ?? "")")
    }
}
