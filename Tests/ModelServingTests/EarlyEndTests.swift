// SPDX-License-Identifier: Apache-2.0

import Logging
import ServiceLifecycle
import Testing

@testable import ModelServing

@Suite("A model server that is told to end")
struct EarlyEndTests {
    /// Runs a server once it is known that it is to end.
    private struct Late: Service {
        let server: ModelServer

        func run() async throws {
            try await gracefulShutdown()
            try await self.server.run()
        }
    }

    @Test("before it listens, as while TensorFlow is loaded, ends", .timeLimit(.minutes(1)))
    func early() async throws {
        let server = try ModelServer(
            configuration: ModelServer.Configuration(address: "127.0.0.1", port: 0, security: nil), repository: ModelRepository()
        ) { _, _ in Issue.record("it listens") }
        let group = ServiceGroup(services: [Late(server: server)], logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        await group.triggerGracefulShutdown()
        try await group.run()
    }
}
