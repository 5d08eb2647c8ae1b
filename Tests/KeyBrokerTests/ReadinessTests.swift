// SPDX-License-Identifier: Apache-2.0

import KeyBroker
import Testing

@Suite("Whether a broker is ready")
struct ReadinessTests {
    @Test("depends on its doors, and on their end")
    func doors() async {
        let readiness = Readiness(doors: ["ra-tls", "https"])
        #expect(await readiness.findObstacle() == "not open yet: https, ra-tls")
        readiness.open("https")
        readiness.open("ra-tls")
        #expect(await readiness.findObstacle() == nil)
        readiness.drain()
        #expect(await readiness.findObstacle() == "draining")
    }

    @Test("depends on room for decisions, and is found out when there is room again without a request")
    func room() async throws {
        try await RunningBroker.with { broker in
            let readiness = Readiness(doors: [], journal: broker.journal)
            _ = try await broker.ask()
            #expect(await readiness.findObstacle() == nil)
            try broker.store.limitSize(pages: 1)
            for _ in 0..<3 where await readiness.findObstacle() == nil { _ = try? await broker.ask() }
            #expect(await readiness.findObstacle()?.contains("no space is left") == true)
            #expect((try? await broker.ask()) == nil)
            try broker.store.limitSize(pages: 1 << 20)
            #expect(await readiness.findObstacle() == nil)
            let secret = try await broker.ask()
            #expect(secret == RunningBroker.secret)
            #expect(try await broker.archive.list(limit: 10).contains { $0.event?.event == "recording-resumed" })
        }
    }
}
