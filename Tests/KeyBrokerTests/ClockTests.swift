// SPDX-License-Identifier: Apache-2.0

import Attestation
import Foundation
import KeyBroker
import SecretProvisioning
import SimulatedTEE
import Synchronization
import Testing

@Suite("A broker whose clock jumps")
struct ClockTests {
    /// A clock that a test sets.
    private final class Clock: Sendable {
        private let offset = Mutex(0.0)
        func jump(days: Double) { self.offset.withLock { $0 = days * 86400 } }
        var now: Date { self.offset.withLock { Date().addingTimeInterval($0) } }
    }

    @Test("refuses what is not valid at its time, on both doors, goes on when it is right again, and has a log that holds")
    func jumps() async throws {
        let clock = Clock()
        var options = RunningBroker.Options()
        options.clock = { clock.now }
        try await RunningBroker.with(options) { broker in
            for days in [0, 400, 0, -400, 0] as [Double] {
                clock.jump(days: days)
                let results = [(try? await broker.ask()) != nil, (try? await broker.askByChallenge()) != nil]
                #expect(results == [days == 0, days == 0], "\(days) days")
            }
            let records = try await broker.archive.list(limit: 100).reversed()
            #expect(
                records.map(\.kind) == [.released, .released, .refused, .refused, .released, .released, .refused, .refused, .released, .released])
            #expect(
                records.filter { $0.kind == .refused }.allSatisfy {
                    $0.failedCheck?.hasSuffix("validity") ?? false || $0.failedCheck?.hasSuffix("freshness") ?? false
                })
            #expect(try await broker.archive.verify().isIntact)
        }
    }

    @Test("lets a waiver and an overlap window end by it, and come back with it")
    func windows() async throws {
        let clock = Clock()
        var options = RunningBroker.Options()
        options.clock = { clock.now }
        options.storedSecret = true
        options.faults = [.outOfDatePlatform]
        let end = Date().addingTimeInterval(5 * 86400).formatted(.iso8601.year().month().day())
        options.waivers = "waivers: [{ allow: out-of-date-tcb, reason: r, until: \(end) }]"
        try await RunningBroker.with(options) { broker in
            _ = try broker.store.secrets.rotate("wrap-key", [UInt8](0..<16).span, overlap: .seconds(86400), at: clock.now)
            for (days, versions) in [(0, [2, 1]), (2, [2]), (0, [2, 1]), (8, [])] as [(Double, [Int])] {
                clock.jump(days: days)
                let released = (try? await broker.askByChallenge().map { Int($0.version) }) ?? []
                #expect(released == versions, "after \(days) days")
            }
            #expect(try await broker.archive.list(limit: 1).first?.failedCheck == "appraisal.tcb-status")
        }
    }
}
