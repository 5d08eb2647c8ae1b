// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Foundation
import KeyBroker
import Subprocess
import Synchronization
import TestSupport
import Testing

/// Kills brokers in the middle of their work, and looks at what is left.
@Suite("A broker that is killed", .serialized)
struct BrokerCrashTests {
    private static let rounds = 6

    /// What clients and operators saw.
    private final class Seen: Sendable {
        private struct State {
            var releases = 0
            var versions: [Int] = []
        }
        private let state = Mutex(State())

        /// - Returns: number of releases so far.
        func addRelease() -> Int {
            self.state.withLock { state in
                state.releases += 1
                return state.releases
            }
        }
        func add(version: Int) { self.state.withLock { $0.versions.append(version) } }

        var releases: Int { self.state.withLock { $0.releases } }
        var versions: [Int] { self.state.withLock { $0.versions } }
    }

    @Test("has every release on record that a client saw, an intact log, and every version of its secret that was acknowledged")
    func killed() async throws {
        let site = try await BrokerSite()
        let seen = Seen()
        try await site.collateral { collateral in
            for round in 0..<Self.rounds {
                try await site.broker(collateral: collateral, endingWith: .kill) { process in
                    let target = seen.releases + 3 + round * 2
                    await withTaskGroup(of: Void.self) { group in
                        for client in 0..<4 {
                            group.addTask {
                                // A broker that is gone ends the loop; what it sent before counts. Others are at work when one kills it.
                                while await site.isReleased(by: process, byChallenge: client % 2 == 0) {
                                    if seen.addRelease() >= target { process.send(.kill) }
                                }
                            }
                        }
                        group.addTask {
                            let words = ["broker", "secrets", "rotate", "wrap-key", "--generate", "--overlap", "1h"] + site.storeOptions
                            guard let result = try? await BuiltCommand.run(words), result.status == 0 else { return }
                            if let version = Int(result.output.trimmingCharacters(in: .whitespacesAndNewlines)) { seen.add(version: version) }
                        }
                    }
                }
                try await Self.check(site, seen, round: round)
            }
        }
        #expect(seen.releases > Self.rounds * 3)
        #expect(seen.versions.count == Self.rounds)
        let check = try await StoreMaintenance(path: site.store).check()
        #expect(check.isIntact, "\(check.text)")
    }

    private static func check(_ site: BrokerSite, _ seen: Seen, round: Int) async throws {
        let archive = try AuditArchive(path: site.store)
        let verification = try await archive.verify()
        #expect(verification.isIntact, "round \(round): \(verification.text)")
        var filter = AuditArchive.Filter()
        filter.kind = .released
        let recorded = try await archive.list(filter, limit: 100_000).count
        #expect(recorded >= seen.releases, "round \(round): \(seen.releases) seen, \(recorded) recorded")
        let store = try BrokerStore(path: site.store, masterKey: .file(site.masterKey), for: .administration)
        let versions = try await store.secrets.list("wrap-key", at: Date())
        #expect(Set(seen.versions + [1]).isSubset(of: Set(versions.map(\.version))), "round \(round)")
        #expect(versions.count { $0.state == .current } == 1)
    }

    @Test("leaves its store to the next; while it lives a second one is refused, and told to end it drains")
    func twoBrokers() async throws {
        let site = try await BrokerSite()
        try await site.collateral { collateral in
            try await site.broker(collateral: collateral, endingWith: .terminate) { process in
                #expect(process.ports.count == 2)
                let second = try await BuiltCommand.run(site.serveOptions(collateral: collateral))
                #expect(second.status == 69 && second.error.contains("[store-in-use]"), "\(second.error)")
                #expect(await site.isReleased(by: process, byChallenge: true))
            }
            try await site.broker(collateral: collateral, endingWith: .kill) { process in
                #expect(await site.isReleased(by: process, byChallenge: false))
            }
        }
        let events = try await AuditArchive(path: site.store).list(limit: 100).compactMap { $0.event?.event }
        #expect(events.reversed() == ["secret-put", "broker-started", "broker-stopped", "broker-started"])
    }
}
