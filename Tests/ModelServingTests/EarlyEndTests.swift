// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOCore
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

    private static func group(_ service: any Service) -> ServiceGroup {
        ServiceGroup(services: [service], logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    @Test("before it listens, as while TensorFlow is loaded, ends", .timeLimit(.minutes(1)))
    func early() async throws {
        let server = try ModelServer(
            configuration: ModelServer.Configuration(address: "127.0.0.1", port: 0, security: nil), repository: ModelRepository()
        ) { _, _ in Issue.record("it listens") }
        let group = Self.group(Late(server: server))
        await group.triggerGracefulShutdown()
        try await group.run()
    }

    /// Runs a server without models until it is told to end, by `body` or after it.
    private static func serving(_ body: @escaping @Sendable (_ port: Int, _ server: ServiceGroup) async throws -> Void) async throws {
        let (ports, port) = AsyncStream<Int>.makeStream()
        var configuration = ModelServer.Configuration(address: "127.0.0.1", port: 0, security: nil)
        configuration.timeLimits.drainingBodySpan = .milliseconds(100)
        let server = try ModelServer(configuration: configuration, repository: ModelRepository()) { _, listening in
            if let listening { port.yield(listening) }
        }
        let group = Self.group(server)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            for await port in ports {
                try await body(port, group)
                break
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    private static let begin = RawHTTP2.preface + RawHTTP2.settings

    @Test(
        "is not held by connections without a request", .timeLimit(.minutes(1)),
        arguments: ["", "PRI * HT", RawHTTP2.preface, Self.begin])
    func silent(begin: String) async throws {
        try await Self.serving { port, server in
            let connection = try await RawConnection(port: port)
            try await connection.send(begin)
            // Connections are accepted in order: where a later one is answered, this one is there.
            let later = try await RawConnection(port: port)
            try await later.send(Self.begin)
            _ = await later.read(until: "\0")
            await server.triggerGracefulShutdown()
            // The server ends the connection; the client does not.
            _ = await connection.readToEnd()
        }
    }

    @Test(
        "is not held by calls whose message does not come", .timeLimit(.minutes(1)),
        arguments: ["/tensorflow.serving.PredictionService/Predict", "/grpc.health.v1.Health/Check", "/grpc.health.v1.Health/Watch"],
        ["", RawHTTP2.data("\0\0\0")])
    func withoutMessage(path: String, begin: String) async throws {
        try await Self.serving { port, server in
            let connection = try await RawConnection(port: port)
            // The acknowledged ping shows that what was sent before it has been read.
            try await connection.send(Self.begin + RawHTTP2.call(path) + begin + RawHTTP2.ping)
            _ = await connection.read(until: RawHTTP2.pingAcknowledged)
            await server.triggerGracefulShutdown()
            // Without a limit for its drain, the server would wait for ever.
            _ = await connection.readToEnd()
        }
    }

    @Test("has not ended for who watches its health for some time only", .timeLimit(.minutes(1)))
    func watchEnds() async throws {
        try await Self.serving { port, _ in
            let connection = try await RawConnection(port: port)
            // Time to be told SERVING; on a machine that is too busy for it, nothing is told at all.
            let call = RawHTTP2.call("/grpc.health.v1.Health/Watch", [("grpc-timeout", "1S")])
            try await connection.send(Self.begin + call + RawHTTP2.data("\0\0\0\0\0", isLast: true))
            let text = await connection.read(until: RawHTTP2.head(type: 1, flags: 5))
            #expect(!text.contains("\0\0\0\0\u{2}\u{8}\u{2}"), "it is told NOT_SERVING")
        }
    }
}
