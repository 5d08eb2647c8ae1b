// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Attestation
import Crypto
import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL
import SecretProvisioning
import SimulatedTEE

/// A client of the HTTPS door that sends what it is told.
struct HTTPSClient {
    struct Answer: Sendable {
        let status: Int
        let body: [UInt8]
        /// What else may be asked for there.
        let allow: String?

        var json: [String: Any]? { try? JSONSerialization.jsonObject(with: Data(self.body)) as? [String: Any] }
    }

    let broker: RunningBroker

    func send(_ method: HTTPMethod = .POST, _ path: String, _ body: [UInt8]? = nil) async throws -> Answer {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.certificateVerification = .none
        var configuration = HTTPClient.Configuration(tlsConfiguration: tls)
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        do {
            var request = HTTPClientRequest(url: "https://localhost:\(self.broker.httpsPort)\(path)")
            request.method = method
            if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
            let response = try await client.execute(request, timeout: .seconds(30))
            let answer = Answer(
                status: Int(response.status.code), body: Array(try await response.body.collect(upTo: 1 << 20).readableBytesView),
                allow: response.headers.first(name: "allow"))
            try await client.shutdown()
            return answer
        } catch {
            try await client.shutdown()
            throw error
        }
    }

    /// A fresh nonce.
    func nonce() async throws -> [UInt8] {
        let answer = try await self.send(.POST, "/v1/challenges")
        guard answer.status == 201, let text = answer.json?["nonce"] as? String, let nonce = Data(base64Encoded: text) else { throw BadAnswer() }
        return [UInt8](nonce)
    }

    struct BadAnswer: Error {}

    /// A request that answers a nonce, as an enclave would make it.
    static func request(
        nonce: [UInt8], key: Curve25519.KeyAgreement.PrivateKey = .init(), secrets: [String] = [], source: (any QuoteSource)? = nil
    ) async throws -> [UInt8] {
        let publicKey = [UInt8](key.publicKey.rawRepresentation)
        guard let binding = ReleaseBinding(nonce: nonce, publicKey: publicKey, secrets: secrets) else { throw BadAnswer() }
        let quote = try await (source ?? SimulatedQuoteSource(platform: RunningBroker.platform)).quote(for: binding.reportData)
        return try Self.body(nonce: nonce, publicKey: publicKey, quote: quote, secrets: secrets)
    }

    static func body(nonce: [UInt8], publicKey: [UInt8], quote: [UInt8], secrets: [String]) throws -> [UInt8] {
        let object: [String: Any] = [
            "nonce": Data(nonce).base64EncodedString(), "publicKey": Data(publicKey).base64EncodedString(),
            "quote": Data(quote).base64EncodedString(), "secrets": secrets,
        ]
        return [UInt8](try JSONSerialization.data(withJSONObject: object))
    }
}
