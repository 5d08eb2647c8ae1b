// SPDX-License-Identifier: Apache-2.0

import Attestation
import Foundation
import KeyBroker
import RATLS
import SecretProvisioning
import SimulatedTEE
import Synchronization
import Testing

@Suite("A broker and quotes without their PCK chain")
struct PCKChainPeerTests {
    /// Makes quotes that carry less than the whole chain, and spoils them on request.
    private struct Source: QuoteSource {
        let kind: CertificationData.Kind
        var spoiledOffset: Int?
        var name: String { "quotes without chain" }
        var isSimulated: Bool { true }

        func quote(for reportData: ReportData) async throws -> [UInt8] {
            let form = SimulatedQuoteForm(.enclave(SimulatedEnclave()), version: 3, certificationData: self.kind)
            var bytes = try RunningBroker.platform.quote(reportData: reportData, form: form)
            if let spoiledOffset { bytes[spoiledOffset] ^= 1 }
            return bytes
        }
    }

    private static func options(_ asked: Count) -> RunningBroker.Options {
        var options = RunningBroker.Options()
        options.collateral = CollateralCache(
            fetchPCKChain: { _ in
                asked.add()
                return try RunningBroker.platform.pckChain()
            }, fetch: { _ in try RunningBroker.platform.collateral(at: Date()) })
        return options
    }

    @Test(
        "releases to them on both doors: the chain is looked up, once",
        arguments: [CertificationData.Kind.plainPPID, .ppidRSA2048, .ppidRSA3072, .pckCertificate])
    func released(kind: CertificationData.Kind) async throws {
        let asked = Count()
        try await RunningBroker.with(Self.options(asked)) { broker in
            let secret = try await broker.ask(source: Source(kind: kind))
            #expect(secret == RunningBroker.secret)
            #expect(try await broker.askByChallenge(source: Source(kind: kind)).count == 1)
            #expect(asked.count == (kind == .pckCertificate ? 0 : 1))
        }
    }

    /// Offsets in the enclave's report, and in the quoting enclave's report data, which binds the attestation key.
    @Test("looks nothing up for a quote that does not hold in itself", arguments: [(112, Check.ID.quoteSignature), (890, .qeReportKeyBinding)])
    func unsigned(offset: Int, check: Check.ID) async throws {
        let asked = Count()
        try await RunningBroker.with(Self.options(asked)) { broker in
            await #expect(throws: SecretProvisioningError.self) { try await broker.ask(source: Source(kind: .plainPPID, spoiledOffset: offset)) }
            #expect(await broker.log.next()?.failedCheck == check)
            #expect(asked.count == 0)
        }
    }
}

/// A number that closures share.
private final class Count: Sendable {
    private let value = Mutex(0)
    var count: Int { self.value.withLock { $0 } }
    func add() { self.value.withLock { $0 += 1 } }
}
