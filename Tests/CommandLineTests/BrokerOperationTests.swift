// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Foundation
import KeyBroker
import Subprocess
import Synchronization
import TestSupport
import Testing

/// What operators do to a broker that serves, and what happens to it.
@Suite("A broker in operation", .serialized)
struct BrokerOperationTests {
    private static let closedPolicy = BrokerSite.openPolicy.replacing("e1e1", with: "e2e2")

    @Test("takes a policy over on SIGHUP, decides each request by the old one or the new one, and keeps the old one when the new one is bad")
    func policyReload() async throws {
        let site = try await BrokerSite()
        try await site.collateral { collateral in
            try await site.broker(collateral: collateral, endingWith: .terminate) { process in
                #expect(await site.isReleased(by: process, byChallenge: false))
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for client in 0..<3 {
                        group.addTask { for _ in 0..<6 { _ = await site.isReleased(by: process, byChallenge: client == 0) } }
                    }
                    for text in [Self.closedPolicy, "version: 1\nsecrets: nonsense", BrokerSite.openPolicy] {
                        try site.folder.write(Array(text.utf8), to: "policy.yaml")
                        process.send(.terminalClosed)
                    }
                    try await group.waitForAll()
                }
                try site.folder.write(Array(Self.closedPolicy.utf8), to: "policy.yaml")
                process.send(.terminalClosed)
                #expect(try await Self.eventually { await !site.isReleased(by: process, byChallenge: true) })
                try site.folder.write(Array("version: 1\nsecrets: nonsense".utf8), to: "policy.yaml")
                process.send(.terminalClosed)
                for _ in 0..<3 { #expect(await !site.isReleased(by: process, byChallenge: true)) }
                try site.folder.write(Array(BrokerSite.openPolicy.utf8), to: "policy.yaml")
                process.send(.terminalClosed)
                #expect(try await Self.eventually { await site.isReleased(by: process, byChallenge: true) })
            }
        }
        let records = try await AuditArchive(path: site.store).list(limit: 1000)
        // Whatever was in force: each refusal is the policy's, and each release has its rule.
        #expect(records.allSatisfy { $0.kind != .refused || $0.failedCheck == "appraisal.mr-enclave" })
        #expect(records.contains { $0.event?.event == "policy-loaded" })
    }

    @Test("takes a new certificate over on SIGHUP, and keeps the old one when the new one is bad")
    func certificateReload() async throws {
        let site = try await BrokerSite()
        let issued = try await BuiltCommand.run("tls", "issue", "--server", "localhost", "--client", "c", "--output", site.folder.file("new"))
        #expect(issued.status == 0)
        try await site.collateral { collateral in
            try await site.broker(collateral: collateral, endingWith: .terminate) { process in
                #expect(await site.isReleased(by: process, byChallenge: false))
                try site.folder.write(Array("no certificate".utf8), to: "tls/server/cert.pem")
                process.send(.terminalClosed)
                for byChallenge in [false, true] { #expect(await site.isReleased(by: process, byChallenge: byChallenge)) }
                for file in ["cert.pem", "key.pem"] {
                    try site.folder.write(try InputFile.readAll(site.folder.file("new/server/\(file)")), to: "tls/server/\(file)")
                }
                process.send(.terminalClosed)
                #expect(
                    try await Self.eventually { await site.isReleased(by: process, byChallenge: false, ca: "new/ca_cert.pem") })
                #expect(await site.isReleased(by: process, byChallenge: true, ca: "new/ca_cert.pem"))
                for byChallenge in [false, true] { #expect(await !site.isReleased(by: process, byChallenge: byChallenge)) }
            }
        }
    }

    @Test(
        "releases nothing while its disk is full, says so when it is asked whether it is ready, and goes on when there is room",
        .enabled(if: SmallDisk.isAllowed, "this process may not mount a file system"))
    func fullDisk() async throws {
        let folder = try ScratchFolder()
        try await SmallDisk.with(at: folder.file("disk"), megabytes: 2) { disk in
            let site = try await BrokerSite(storeFolder: disk)
            let port = try await BrokerSite.freePort()
            let released = Count()
            try await site.collateral { collateral in
                try await site.broker(collateral: collateral, options: ["--operations-port", "\(port)"], endingWith: .terminate) { process in
                    func ask(_ byChallenge: Bool) async -> Bool {
                        let isReleased = await site.isReleased(by: process, byChallenge: byChallenge)
                        if isReleased { released.add() }
                        return isReleased
                    }
                    func readiness() async throws -> BuiltCommand.Result {
                        try await BuiltCommand.run("health", "--port", "\(port)", "--path", "/readyz")
                    }
                    #expect(await ask(false))
                    #expect(try await readiness().status == 0)
                    try SmallDisk.fill("\(disk)/filler")
                    // What was reserved before may take one or two more.
                    #expect(try await Self.eventually { await !ask(false) })
                    #expect(await !ask(true))
                    let full = try await readiness()
                    #expect(full.status == 69 && full.output.contains("no space is left"), "\(full.output)")
                    try FileManager.default.removeItem(atPath: "\(disk)/filler")
                    #expect(try await Self.eventually { try await readiness().status == 0 })
                    #expect(await ask(false))
                    #expect(await ask(true))
                }
            }
            let archive = try AuditArchive(path: site.store)
            let verification = try await archive.verify()
            #expect(verification.isIntact, "\(verification.text)")
            var filter = AuditArchive.Filter()
            filter.kind = .released
            #expect(try await archive.list(filter, limit: 1000).count == released.value)
        }
    }

    @Test("takes collateral from a folder that others filled, where there is no service")
    func offline() async throws {
        let site = try await BrokerSite()
        let cache = ["--collateral-cache", site.folder.file("collateral")]
        try await site.collateral { collateral in
            try await site.broker(collateral: collateral, options: cache, endingWith: .terminate) { process in
                #expect(await site.isReleased(by: process, byChallenge: false))
            }
        }
        let words = site.serveOptions(collateral: nil) + cache
        try await site.serving(words, endingWith: .terminate) { process in
            for byChallenge in [false, true] { #expect(await site.isReleased(by: process, byChallenge: byChallenge)) }
        }
        try FileManager.default.removeItem(atPath: site.folder.file("collateral"))
        try await site.serving(words, endingWith: .terminate) { process in
            #expect(await !site.isReleased(by: process, byChallenge: false))
        }
        #expect(try await AuditArchive(path: site.store).list(limit: 2).last?.failedCheck == "collateral.available")
    }

    @Test("has its store put under another master key while it is stopped; a crash leaves the store under one of the two")
    func rekey() async throws {
        let site = try await BrokerSite()
        let rekey = ["broker", "store", "rekey", "--new-master-key", site.folder.file("keys/new")] + site.storeOptions
        try await site.collateral { collateral in
            try await site.broker(collateral: collateral, endingWith: .terminate) { _ in
                let result = try await BuiltCommand.run(rekey)
                #expect(result.status == 69 && result.error.contains("[store-in-use]"), "\(result.error)")
            }
        }
        for milliseconds in stride(from: 5, to: 150, by: 12) {
            // In the foreground it waits for the end of what it kills; elsewhere it kills itself too, and the other may still be dying.
            let script =
                "timeout --foreground -s KILL 0.\(milliseconds < 10 ? "00" : milliseconds < 100 ? "0" : "")\(milliseconds) \"$sealwright\" \(rekey.joined(separator: " "))"
            _ = try await BuiltCommand.shell(script)
            let opened = ["keys/master-key", "keys/new"].filter { name in
                (try? BrokerStore(path: site.store, masterKey: .file(site.folder.file(name)), for: .administration)) != nil
            }
            #expect(opened.count == 1, "after \(milliseconds) ms: \(opened)")
        }
        let result = try await BuiltCommand.run(rekey)
        #expect(result.status == 0, "\(result.error)")
        let again = try await BuiltCommand.run(rekey)
        #expect(again.status == 0 && again.output.contains("already"), "\(again.error)")
        let check = try await StoreMaintenance(path: site.store).check()
        #expect(check.isIntact, "\(check.text)")
        let store = try BrokerStore(path: site.store, masterKey: .file(site.folder.file("keys/new")), for: .administration)
        #expect(try await store.secrets.list(at: Date()).map(\.state) == [.current])
    }

    /// A number that closures share.
    private final class Count: Sendable {
        private let state = Mutex(0)
        var value: Int { self.state.withLock { $0 } }
        func add() { self.state.withLock { $0 += 1 } }
    }

    /// Tries again until it holds; a broker takes over what was changed soon, but not at once.
    private static func eventually(_ condition: () async throws -> Bool) async throws -> Bool {
        for _ in 0..<100 where try await condition() { return true }
        return false
    }
}
