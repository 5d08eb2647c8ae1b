// SPDX-License-Identifier: Apache-2.0

import Attestation
import NIOCore
import SecretProvisioning
import Synchronization

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// One connection, from its TLS handshake to its decision.
///
/// TLS calls ``judge(_:)`` from its handshake while ``awaitRequest(_:)`` waits, hence the lock.
final class ProvisioningSession: Sendable {
    /// How a connection ended: what to record, and what to send.
    struct Conclusion {
        /// `nil` for a connection that ended before it said anything, as port scans and health probes do.
        let decision: Decision?
        let secret: StoredSecret?
    }

    let peer: String
    private let time: Date
    private let releaser: Releaser
    private let metrics: BrokerMetrics
    private let judged = Mutex<(certificateDER: [UInt8], judgement: Releaser.Judgement)?>(nil)

    init(peer: String, time: Date, releaser: Releaser, metrics: BrokerMetrics) {
        self.peer = peer
        self.time = time
        self.releaser = releaser
        self.metrics = metrics
    }

    /// Decides on the client's certificate; whether the handshake may go on.
    func judge(_ certificateDER: [UInt8]) async -> Bool {
        let start = ContinuousClock.now
        // Cancelled means that the connection is gone: there is nobody to grant anything to.
        guard let judgement = try? await self.releaser.judge(certificateDER: certificateDER, at: self.time) else { return false }
        self.metrics.note(judgement, took: .now - start)
        self.judged.withLock { $0 = (certificateDER, judgement) }
        if case .granted = judgement.outcome { return true }
        return false
    }

    /// Waits for the request and concludes.
    ///
    /// Never throws: however the connection ends, that is the conclusion.
    func awaitRequest(_ request: EventLoopFuture<Void>) async -> Conclusion {
        do {
            try await request.get()
            return self.concludeRequested()
        } catch {
            return self.concludeFailed(error)
        }
    }

    private func concludeRequested() -> Conclusion {
        guard let (certificateDER, judgement) = self.judged.withLock({ $0 }), case .granted(let grants, let report) = judgement.outcome,
            let grant = grants.first, let secret = grant.secrets.first
        else {
            // A resumed TLS session would come here without a decision: refused, as is everything undecided.
            return self.concludeFailed(UndecidedError())
        }
        var request = ReportRecorder(plan: [.requestFormat])
        request.pass(.requestFormat, found: "version 1", source: "connection")
        let decision = Decision(
            released: grant, secret, door: .raTLS, peer: self.peer, at: self.time, judgement: judgement,
            report: report.appending(grant.report).appending(request.report()), certificateSHA256: CertificateFingerprint(of: certificateDER))
        return Conclusion(decision: decision, secret: secret)
    }

    private func concludeFailed(_ error: any Error) -> Conclusion {
        guard let (certificateDER, judgement) = self.judged.withLock({ $0 }) else {
            guard let report = HandshakeFailure.report(of: error) else { return Conclusion(decision: nil, secret: nil) }
            let decision = Decision(
                time: self.time, door: .raTLS, peer: self.peer, verdict: .refused, asked: [], root: nil, evidenceSHA256: nil, policySHA256: nil,
                report: report)
            return Conclusion(decision: decision, secret: nil)
        }
        let certificate = try? RATLSCertificate(decoding: certificateDER)
        let refusal: Decision.Refusal =
            switch judgement.outcome {
            case .refused(let report, let nearest, let verified): .init(report: report, rule: nearest, verified: verified)
            case .granted(let grants, let report):
                .init(
                    report: (grants.first.map { report.appending($0.report) } ?? report).appending(RequestFailure.report(of: error)),
                    rule: grants.first?.rule, verified: grants.first?.result.evidence)
            }
        let decision = Decision(
            refused: refusal, door: .raTLS, peer: self.peer, at: self.time, judgement: judgement, quote: certificate?.quote,
            certificateSHA256: CertificateFingerprint(of: certificateDER))
        return Conclusion(decision: decision, secret: nil)
    }
}

/// A handshake that ended well without a decision about the client's certificate.
struct UndecidedError: Error {}
