// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore
import SecretProvisioning
public import ServiceLifecycle

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// The key release service's second door: HTTPS, with a challenge for each request and an answer that only the quoted key can read.
///
/// Described by `openapi/key-broker.yaml`. Needs a store, which remembers the challenges that were used.
public struct ChallengeDoor: Service {
    /// Where and how the door listens.
    public struct Configuration: Hashable, Sendable {
        /// The address to listen on.
        public var address = "0.0.0.0"
        /// The TCP port; 0 lets the system choose one.
        public var port = 8443
        /// Time for a TLS handshake.
        public var handshakeTimeout: Duration = .seconds(10)
        /// Time for everything after the handshake: both requests, and the fetching of collateral.
        public var exchangeTimeout: Duration = .seconds(120)
        /// Connections that are served at once, half of them for one address; further ones are closed.
        public var maximumConnections = 8192

        /// The defaults.
        public init() {}
    }

    private let configuration: Configuration
    private let identity: ActiveIdentity
    private let desk: ReleaseDesk
    private let gate: ConnectionGate
    private let logger: Logger
    private let clock: @Sendable () -> Date
    private let listener: Listener

    /// Makes a door; it listens once it runs.
    ///
    /// * `store`: whose challenges are given out and remembered; its log is the first of `journal`.
    /// * `journal`: where decisions are recorded; if it fails everything stays closed.
    /// * `rateLimit`: how many connections strangers may open; none unless given.
    /// * `clock`: what time it is.
    /// * `onReady`: called once with the bound address, when clients can connect.
    public init(
        configuration: Configuration, identity: ActiveIdentity, releaser: Releaser, store: BrokerStore, journal: DecisionJournal,
        rateLimit: RateLimit? = nil, logger: Logger, clock: @escaping @Sendable () -> Date = { Date() },
        onReady: @escaping @Sendable (_ address: String, _ port: Int) -> Void = { _, _ in }
    ) {
        self.configuration = configuration
        self.identity = identity
        self.desk = ReleaseDesk(releaser: releaser, issuer: ChallengeIssuer(key: store.challengeKey), journal: journal)
        self.gate = ConnectionGate(maximumConnections: configuration.maximumConnections, rateLimit: rateLimit, metrics: journal.metrics)
        self.logger = logger
        self.clock = clock
        self.listener = Listener(address: configuration.address, port: configuration.port, portOption: "--https-port", onReady: onReady)
    }

    /// Serves until it is cancelled or told to shut down; then takes no new connections and finishes the requests it has.
    ///
    /// - Throws: ``KeyBrokerError/Code-swift.struct/portTaken`` or ``KeyBrokerError/Code-swift.struct/cannotListen``.
    public func run() async throws {
        let (configuration, identity, gate) = (self.configuration, self.identity, self.gate)
        try await self.listener.serve(
            CallbackResponder<PeerContext> { request, context in await self.respond(to: request, context) },
            over: HTTPServerBuilder { responder in
                DoorChannel(
                    http: HTTP1Channel(responder: responder, configuration: .init(idleTimeout: .seconds(30))), identity: identity, gate: gate,
                    handshakeTimeout: configuration.handshakeTimeout, exchangeTimeout: configuration.exchangeTimeout)
            })
    }

    private func respond(to request: Request, _ context: PeerContext) async -> Response {
        switch (request.uri.path, request.method) {
        case (ChallengeMessages.challengePath, .post):
            return JSONAnswer.success(self.desk.challenge(at: self.clock()), status: .created)
        case (ChallengeMessages.releasePath, .post): return await self.release(request, context)
        case (ChallengeMessages.challengePath, _), (ChallengeMessages.releasePath, _):
            var response = JSONAnswer.problem("method-not-allowed", "This is for POST.", .methodNotAllowed)
            // RFC 9110 section 15.5.6.
            response.headers[.allow] = "POST"
            return response
        default: return JSONAnswer.problem("not-found", "There is nothing here.", .notFound)
        }
    }

    /// The largest request that is read, in bytes: a quote of 64 KiB in base64, and some more.
    private static let requestLimit = 128 << 10

    private func release(_ request: Request, _ context: PeerContext) async -> Response {
        let message: ChallengeMessages.ReleaseRequest
        do {
            let body = try await request.body.collect(upTo: Self.requestLimit)
            message = try JSONDecoder().decode(ChallengeMessages.ReleaseRequest.self, from: Data(body.readableBytesView))
        } catch is NIOTooManyBytesError {
            return JSONAnswer.problem("too-large", "A request has \(Self.requestLimit) bytes at most.", .contentTooLarge)
        } catch {
            return JSONAnswer.problem("bad-request", "The body is not the JSON object that the interface describes.", .badRequest)
        }
        return await self.desk.release(message, peer: context.peer, at: self.clock()).response
    }
}

/// What is known about a request beside its bytes.
private struct PeerContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let peer: String

    init(source: ApplicationRequestContextSource) {
        self.coreContext = CoreRequestContextStorage(source: source)
        self.peer = PeerName.text(of: source.channel.remoteAddress)
    }
}

/// Bodies of answers.
private enum JSONAnswer {
    static func success(_ value: some Encodable, status: HTTPResponse.Status) -> Response { Self.json(value, status, type: "application/json") }

    static func problem(_ name: String, _ title: String, _ status: HTTPResponse.Status) -> Response {
        Self.json(
            ChallengeMessages.Problem(type: ReleaseDesk.problemPrefix + name, title: title, status: status.code), status,
            type: ChallengeMessages.problemType)
    }

    static func json(_ value: some Encodable, _ status: HTTPResponse.Status, type: String) -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let body = try? encoder.encode(value) else { return Response(status: .internalServerError) }
        return Response(
            status: status, headers: [.contentType: type, .cacheControl: "no-store"], body: ResponseBody(byteBuffer: ByteBuffer(bytes: [UInt8](body)))
        )
    }
}

extension ReleaseDesk.Answer {
    fileprivate var response: Response {
        switch self {
        case .released(let release): JSONAnswer.success(release, status: .ok)
        case .refused(let problem):
            JSONAnswer.json(problem, HTTPResponse.Status(code: problem.status), type: ChallengeMessages.problemType)
        }
    }
}
