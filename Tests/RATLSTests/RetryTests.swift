// SPDX-License-Identifier: Apache-2.0

import Attestation
import RATLS
import SimulatedTEE
import Synchronization
import Testing

@Suite("Asking a collateral service again")
struct RetryTests {
    /// A client of a service that answers these statuses to the request for the QE identity, in this order, and then well.
    private static func client(
        _ answers: [(status: Int, retryAfter: String?)], retry: RetryPolicy = RetryPolicy()
    ) -> (client: PCCSClient, waits: @Sendable () -> [Duration]) {
        let left = Mutex(answers)
        let waits = Mutex<[Duration]>([])
        let transport = SimulatedTransport(SimulatedCollateralService(platform: Samples.platform)) { url, response in
            guard url.contains("/qe/"), let answer = left.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) else { return response }
            let headers = answer.retryAfter.map { [(name: "Retry-After", value: $0)] } ?? []
            return CollateralResponse(status: answer.status, headers: headers, body: [])
        }
        let kept = Kept(waits)
        let client = PCCSClient(address: Samples.address, transport: transport, retry: retry, sleep: { kept.add($0) })
        return (client, { kept.all })
    }

    /// The waits, shared with the client.
    private final class Kept: Sendable {
        private let waits: Mutex<[Duration]>
        init(_ waits: consuming Mutex<[Duration]>) { self.waits = waits }
        func add(_ duration: Duration) { self.waits.withLock { $0.append(duration) } }
        var all: [Duration] { self.waits.withLock { $0 } }
    }

    @Test("backs off twice as long each time", arguments: [500, 502, 503, 504, 429])
    func backOff(status: Int) async throws {
        let (client, waits) = Self.client([(status, nil), (status, nil)])
        _ = try await client.collateral(for: Samples.quote())
        #expect(waits() == [.milliseconds(500), .seconds(1)])
    }

    @Test("ends after three attempts, with the last answer's status")
    func end() async throws {
        let (client, waits) = Self.client([(503, nil), (502, nil), (504, nil), (500, nil)])
        let quote = try await Samples.quote()
        let error = await #expect(throws: RATLSError.self) { try await client.collateral(for: quote) }
        #expect(error?.message.contains("504") == true)
        #expect(waits().count == 2)
    }

    @Test("never waits longer than its limit")
    func limit() async throws {
        var retry = RetryPolicy()
        retry.attempts = 6
        retry.longestDelay = .seconds(2)
        let (client, waits) = Self.client(Array(repeating: (503, nil), count: 5), retry: retry)
        _ = try await client.collateral(for: Samples.quote())
        #expect(waits() == [.milliseconds(500), .seconds(1), .seconds(2), .seconds(2), .seconds(2)])
    }

    @Test("waits as long as the service asks for")
    func retryAfter() async throws {
        let (client, waits) = Self.client([(429, "7"), (503, "0")])
        _ = try await client.collateral(for: Samples.quote())
        #expect(waits() == [.seconds(7), .seconds(1)])
    }

    @Test("does not wait longer than anybody should, and tells how long the service wants to be left alone", arguments: ["11", "86400"])
    func longRetryAfter(seconds: String) async throws {
        let (client, waits) = Self.client([(429, seconds)])
        let quote = try await Samples.quote()
        let error = await #expect(throws: RATLSError.self) { try await client.collateral(for: quote) }
        #expect(error?.remedy?.contains("\(seconds).0 seconds") == true, "\(error?.remedy ?? "")")
        #expect(waits().isEmpty)
    }

    @Test(
        "takes no notice of a wish that is no number of seconds",
        arguments: ["", "-1", "1.5", "soon", "99999999999", "Wed, 25 Nov 2026 19:00:00 GMT"])
    func badRetryAfter(text: String) async throws {
        let (client, waits) = Self.client([(503, text)])
        _ = try await client.collateral(for: Samples.quote())
        #expect(waits() == [.milliseconds(500)])
    }

    @Test("is not done for answers that will stay", arguments: [400, 401, 403, 404, 410, 461])
    func final(status: Int) async throws {
        let (client, waits) = Self.client([(status, nil)])
        let quote = try await Samples.quote()
        await #expect(throws: RATLSError.self) { try await client.collateral(for: quote) }
        #expect(waits().isEmpty)
    }
}
