// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Requests to one key broker over HTTPS, and what its answers mean.
struct Exchange {
    let client: HTTPClient
    let server: ServerAddress
    let limits: ChallengeClient.Limits

    /// The largest refusal that is read, in bytes.
    private static let problemSize = 64 << 10

    /// Posts a JSON body and reads a JSON answer.
    ///
    /// - Throws: ``SecretProvisioningError``.
    func post<Body: Encodable, Answer: Decodable>(_ body: Body?, to path: String) async throws -> Answer {
        var request = HTTPClientRequest(url: "https://\(self.server)\(path)")
        request.method = .POST
        request.headers.add(name: "accept", value: "application/json, \(ChallengeMessages.problemType)")
        if let body {
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: [UInt8](try JSONEncoder().encode(body))))
        }
        let response: HTTPClientResponse
        do {
            response = try await self.client.execute(request, timeout: TimeAmount(self.limits.answer))
        } catch {
            throw self.describe(error)
        }
        return try await self.read(response)
    }

    private func read<Answer: Decodable>(_ response: HTTPClientResponse) async throws -> Answer {
        let isSuccess = (200..<300).contains(response.status.code)
        let bytes: [UInt8]
        do {
            let body = try await response.body.collect(upTo: isSuccess ? self.limits.answerSize : Self.problemSize)
            bytes = Array(body.readableBytesView)
        } catch {
            throw SecretProvisioningError(
                .badResponse, "the answer of \(self.server) cannot be read: \(error)", remedy: "check that the address is a key broker's")
        }
        guard isSuccess else { throw self.refusal(status: Int(response.status.code), bytes) }
        do {
            return try JSONDecoder().decode(Answer.self, from: Data(bytes))
        } catch {
            // The decoder's own text could quote the answer.
            throw SecretProvisioningError(
                .badResponse, "the answer of \(self.server) is not what the interface describes",
                remedy: "check that the address is a key broker's HTTPS port (8443), and compare the versions")
        }
    }

    private func refusal(status: Int, _ bytes: [UInt8]) -> SecretProvisioningError {
        let problem = try? JSONDecoder().decode(ChallengeMessages.Problem.self, from: Data(bytes))
        switch status {
        case 403:
            guard let problem, let check = problem.failedCheck else { return .refusedByBroker("\(self.server) answered with status 403") }
            let found = problem.found.map { ": found \($0)" } ?? ""
            let expected = problem.expected.map { ", expected \($0)" } ?? ""
            return SecretProvisioningError(
                .refused, "the key broker \(self.server) refused this enclave at \(check)\(found)\(expected)", remedy: problem.remedy)
        case 429, 503:
            return SecretProvisioningError(
                .unreachable, "\(self.server) is too busy (status \(status))", remedy: "try again in a while; the broker's log has the reason")
        default:
            return SecretProvisioningError(
                .badResponse, "\(self.server) answered with status \(status)\(problem.map { ": \($0.title)" } ?? "")",
                remedy: "check that the address is a key broker's HTTPS port (8443), and read the broker's log")
        }
    }

    private func describe(_ error: any Error) -> any Error {
        switch error {
        case is CancellationError: error
        case let error as HTTPClientError where error == .connectTimeout:
            SecretProvisioningError(.unreachable, "\(self.server) does not take connections")
        case let error as HTTPClientError where error == .deadlineExceeded || error == .readTimeout:
            SecretProvisioningError(
                .timeout, "\(self.server) did not answer in time", remedy: "read the broker's log; it may be waiting for its collateral service")
        case is ChannelError, is NIOConnectionError, is IOError:
            SecretProvisioningError(.unreachable, "\(self.server): \(error)")
        default: self.describeTLS(ConnectionFailure.describe(error, server: self.server))
        }
    }

    /// A connection that ends here says nothing about the enclave, which has shown nothing yet or been answered.
    private func describeTLS(_ error: any Error) -> any Error {
        guard let known = error as? SecretProvisioningError, known.code == .refused else { return error }
        if known.message.contains("CERTIFICATE_REQUIRED") {
            return SecretProvisioningError(
                .otherDoor, "\(self.server) wants a certificate with evidence: it speaks Gramine's protocol and not HTTPS",
                remedy: "name the broker's HTTPS port (8443), or ask in that protocol (door `ra-tls`)")
        }
        return SecretProvisioningError(.unreachable, "\(self.server) closed the connection: \(known.message)")
    }
}
