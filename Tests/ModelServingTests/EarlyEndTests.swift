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

    private static let preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

    @Test(
        "is not held by connections without a request", .timeLimit(.minutes(1)),
        arguments: ["", "PRI * HT", Self.preface, Self.preface + "\0\0\0\u{4}\0\0\0\0\0"])
    func silent(begin: String) async throws {
        let (ports, port) = AsyncStream<Int>.makeStream()
        let server = try ModelServer(
            configuration: ModelServer.Configuration(address: "127.0.0.1", port: 0, security: nil), repository: ModelRepository()
        ) { _, listening in
            if let listening { port.yield(listening) }
        }
        let group = ServiceGroup(services: [server], logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            for await port in ports {
                let connection = try await RawConnection(port: port)
                try await connection.send(begin)
                await group.triggerGracefulShutdown()
                // The server ends the connection; the client does not.
                _ = await connection.readToEnd()
                break
            }
            try await tasks.waitForAll()
        }
    }
}
