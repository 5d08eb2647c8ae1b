// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOSSL

/// A ``CollateralTransport`` over HTTP and HTTPS.
///
/// Lives in a scope: see ``with(certificateAuthorities:timeout:_:)``.
public struct HTTPCollateralTransport: CollateralTransport {
    private let client: HTTPClient
    private let timeout: Duration

    /// Runs `body` with a transport and closes its connections afterwards.
    ///
    /// * `certificateAuthorities`: DER certificates to trust beside the system's, for a PCCS with a certificate of its own making.
    /// * `timeout`: how long one request may take, from connecting to the body's last byte.
    public static func with<Result>(
        certificateAuthorities: [[UInt8]] = [], timeout: Duration = .seconds(20), _ body: (HTTPCollateralTransport) async throws -> Result
    ) async throws -> Result {
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: try Self.configuration(certificateAuthorities))
        do {
            let result = try await body(HTTPCollateralTransport(client: client, timeout: timeout))
            try await client.shutdown()
            return result
        } catch {
            try await client.shutdown()
            throw error
        }
    }

    /// Carries out one GET request.
    public func get(_ url: String, headers: [String: String], bodyLimit: Int) async throws -> CollateralResponse {
        var request = HTTPClientRequest(url: url)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        return try await self.get(request, bodyLimit: bodyLimit)
    }

    private func get(_ request: HTTPClientRequest, bodyLimit: Int) async throws -> CollateralResponse {
        let url = request.url
        do {
            return try await self.withTimeout {
                let response = try await self.client.execute(request, timeout: TimeAmount(self.timeout))
                let body = try await response.body.collect(upTo: bodyLimit)
                let headers = response.headers.map { (name: $0.name, value: $0.value) }
                return CollateralResponse(status: Int(response.status.code), headers: headers, body: Array(body.readableBytesView))
            }
        } catch is NIOTooManyBytesError {
            throw RATLSError(
                .badCollateralResponse, "\(url) answered with more than \(bodyLimit) bytes",
                remedy: "check that the address is a PCCS and no other web server")
        } catch let error as CancellationError {
            throw error
        } catch {
            // A service that does not answer in time will not do so at once, and a wrong certificate stays wrong.
            throw RATLSError(
                .collateralUnavailable, "cannot get \(url): \(error)", remedy: Self.remedy(for: error, url: url),
                isTransient: !(error is TimeoutError || error is NIOSSLError || error is NIOSSLExtraError))
        }
    }

    /// The time that a request did not end in.
    private struct TimeoutError: Error, CustomStringConvertible {
        let timeout: Duration
        var description: String { "no whole answer within \(self.timeout)" }
    }

    /// Cancels `body` when it takes too long: the client's own timeout ends with the response's head.
    private func withTimeout(_ body: @escaping @Sendable () async throws -> CollateralResponse) async throws -> CollateralResponse {
        try await withThrowingTaskGroup(of: CollateralResponse.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await Task.sleep(for: self.timeout)
                throw TimeoutError(timeout: self.timeout)
            }
            defer { group.cancelAll() }
            guard let response = try await group.next() else { throw TimeoutError(timeout: self.timeout) }
            return response
        }
    }

    private static func configuration(_ certificateAuthorities: [[UInt8]]) throws -> HTTPClient.Configuration {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        if !certificateAuthorities.isEmpty {
            let roots = try certificateAuthorities.map { try NIOSSLCertificate(bytes: $0, format: .der) }
            tls.additionalTrustRoots = [.certificates(roots)]
        }
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls, redirectConfiguration: .disallow, timeout: .init(connect: .seconds(5), read: .seconds(15)))
        configuration.httpVersion = .http1Only
        // Attempts are counted and spaced by ``RetryPolicy``, which knows the request.
        configuration.connectionPool.retryConnectionEstablishment = false
        return configuration
    }

    private static func remedy(for error: any Error, url: String) -> String {
        if error is NIOSSLError || error is NIOSSLExtraError {
            return "the service's certificate is not trusted here: name its CA, and the host as the certificate names it"
        }
        return "check host, port and proxy; from this machine, `curl -v '\(url)'` must answer"
    }
}
