// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
public import ServiceLifecycle

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// What the machinery around a broker asks, over plain HTTP: `/livez`, `/readyz` and `/metrics`.
///
/// It tells nothing secret and takes no orders; still it is for the machine itself or the cluster's inside.
public struct OperationsServer: Service {
    private let listener: Listener
    private let readiness: Readiness
    private let metrics: BrokerMetrics
    private let clock: @Sendable () -> Date

    /// Makes a server; it listens once it runs.
    public init(
        address: String, port: Int, readiness: Readiness, metrics: BrokerMetrics, clock: @escaping @Sendable () -> Date = { Date() },
        onReady: @escaping @Sendable (_ address: String, _ port: Int) -> Void = { _, _ in }
    ) {
        self.listener = Listener(address: address, port: port, portOption: "--operations-port", onReady: onReady)
        self.readiness = readiness
        self.metrics = metrics
        self.clock = clock
    }

    /// Serves until it is cancelled or told to shut down.
    ///
    /// - Throws: ``KeyBrokerError/Code-swift.struct/portTaken`` or ``KeyBrokerError/Code-swift.struct/cannotListen``.
    public func run() async throws {
        try await self.listener.serve(
            CallbackResponder<BasicRequestContext> { request, _ in await self.respond(to: request) },
            over: .http1(configuration: .init(idleTimeout: .seconds(30))))
    }

    private func respond(to request: Request) async -> Response {
        guard request.method == .get || request.method == .head else { return Self.text("this is for GET\n", .methodNotAllowed) }
        switch request.uri.path {
        case "/livez": return Self.text("alive\n", .ok)
        case "/readyz":
            guard let obstacle = await self.readiness.findObstacle() else { return Self.text("ready\n", .ok) }
            return Self.text("\(obstacle)\n", .serviceUnavailable)
        case "/metrics": return Self.text(self.metrics.text(at: self.clock()), .ok, type: "text/plain; version=0.0.4; charset=utf-8")
        default: return Self.text("there are /livez, /readyz and /metrics\n", .notFound)
        }
    }

    private static func text(_ text: String, _ status: HTTPResponse.Status, type: String = "text/plain; charset=utf-8") -> Response {
        Response(status: status, headers: [.contentType: type], body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
