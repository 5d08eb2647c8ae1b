// SPDX-License-Identifier: Apache-2.0

import KeyBroker
import NIOCore
import NIOPosix
import Subprocess
import TestSupport
import Testing

@Suite("A broker that is told to end")
struct BrokerDrainTests {
    /// Connects to the first door and says nothing.
    private static func silence(_ site: BrokerSite, _ process: BrokerSite.Process) async throws -> any Channel {
        let client = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: try #require(process.ports.first)).get()
        // Who came later has been let in, so the other one was too.
        #expect(await site.isReleased(by: process, byChallenge: false))
        return client
    }

    @Test("closes both doors at once, tells that it drains while somebody is still there, and ends well")
    func drain() async throws {
        let site = try await BrokerSite()
        let port = try await BrokerSite.freePort()
        let options = ["--operations-port", "\(port)", "--handshake-timeout", "120", "--drain-timeout", "120"]
        try await site.collateral { collateral in
            let status = try await site.broker(collateral: collateral, options: options, endingWith: .terminate) { process in
                let silent = try await Self.silence(site, process)
                process.send(.terminate)
                var answer = try await BuiltCommand.run("health", "--port", "\(port)", "--path", "/readyz")
                while answer.status == 0 { answer = try await BuiltCommand.run("health", "--port", "\(port)", "--path", "/readyz") }
                #expect(answer.status == 69 && answer.output.contains("draining"), "\(answer.output) \(answer.error)")
                #expect(try await BuiltCommand.run("health", "--port", "\(port)", "--path", "/livez").status == 0)
                for byChallenge in [false, true] { #expect(await !site.isReleased(by: process, byChallenge: byChallenge)) }
                #expect(silent.isActive)
                try await silent.close()
            }
            #expect(status == .exited(0))
        }
        #expect(try await Self.lastEvent(site) == "broker-stopped")
    }

    // Half of what the client's handshake may take, which would end it otherwise.
    @Test("breaks off what takes longer than it may, and ends well", .timeLimit(.minutes(1)))
    func timeout() async throws {
        let site = try await BrokerSite()
        try await site.collateral { collateral in
            let status = try await site.broker(
                collateral: collateral, options: ["--handshake-timeout", "120", "--drain-timeout", "1"], endingWith: .terminate
            ) { process in
                let silent = try await Self.silence(site, process)
                process.send(.terminate)
                try await silent.closeFuture.get()
            }
            #expect(status == .exited(0))
        }
        #expect(try await Self.lastEvent(site) == "broker-stopped")
    }

    private static func lastEvent(_ site: BrokerSite) async throws -> String? {
        try await AuditArchive(path: site.store).list(limit: 100).compactMap { $0.event?.event }.first
    }
}
