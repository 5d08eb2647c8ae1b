// SPDX-License-Identifier: Apache-2.0

import KeyBroker
import NIOCore
import NIOPosix
import Subprocess
import TestSupport
import Testing

@Suite("A broker that is told to end")
struct BrokerDrainTests {
    @Test("closes both doors at once, tells that it drains, breaks off what takes longer than it may, and ends well")
    func drain() async throws {
        let site = try await BrokerSite()
        let port = try await BrokerSite.freePort()
        let options = ["--operations-port", "\(port)", "--drain-timeout", "5"]
        try await site.collateral { collateral in
            let status = try await site.broker(collateral: collateral, options: options, endingWith: .terminate) { process in
                // A client of the first door that says nothing has six times as long for its handshake.
                let silent = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                    .connect(host: "127.0.0.1", port: try #require(process.ports.first)).get()
                // Who came later has been let in, so the other one was too.
                #expect(await site.isReleased(by: process, byChallenge: false))
                process.send(.terminate)
                var answer = try await BuiltCommand.run("health", "--port", "\(port)", "--path", "/readyz")
                while answer.status == 0 { answer = try await BuiltCommand.run("health", "--port", "\(port)", "--path", "/readyz") }
                #expect(answer.status == 69 && answer.output.contains("draining"), "\(answer.output) \(answer.error)")
                #expect(try await BuiltCommand.run("health", "--port", "\(port)", "--path", "/livez").status == 0)
                for byChallenge in [false, true] { #expect(await !site.isReleased(by: process, byChallenge: byChallenge)) }
                #expect(silent.isActive)
                try await silent.closeFuture.get()
            }
            #expect(status == .exited(0))
        }
        let events = try await AuditArchive(path: site.store).list(limit: 100).compactMap { $0.event?.event }
        #expect(events.first == "broker-stopped")
    }
}
