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
/// TLS calls ``judge(_:)`` from its handshake while ``awaitRequest(_:)`` waits for the request, hence the lock.
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
    private let judged = Mutex<(certificateDER: [UInt8], outcome: Releaser.Outcome)?>(nil)

    init(peer: String, time: Date, releaser: Releaser) {
        self.peer = peer
        self.time = time
        self.releaser = releaser
    }

    /// Decides on the client's certificate; whether the handshake may go on.
    func judge(_ certificateDER: [UInt8]) async -> Bool {
        // Cancelled means that the connection is gone: there is nobody to grant anything to.
        guard let outcome = try? await self.releaser.judge(certificateDER: certificateDER, at: self.time) else { return false }
        self.judged.withLock { $0 = (certificateDER, outcome) }
        if case .granted = outcome { return true }
        return false
    }

    /// Reads the request to its end and concludes.
    ///
    /// Never throws: however the connection ends, that is the conclusion.
    func awaitRequest(_ inbound: NIOAsyncChannelInboundStream<ByteBuffer>) async -> Conclusion {
        var parser = ProvisioningRequestParser()
        do {
            for try await buffer in inbound where try parser.receive(buffer.readableBytesUInt8Span) == .complete { return self.concludeRequested() }
            try parser.finish()
            return self.concludeRequested()
        } catch {
            return self.concludeFailed(error)
        }
    }

    private func concludeRequested() -> Conclusion {
        guard let (certificateDER, outcome) = self.judged.withLock({ $0 }), case .granted(let secret, let rule, let result, let report) = outcome
        else {
            // A resumed TLS session would come here without a decision: refused, as is everything undecided.
            return self.concludeFailed(UndecidedError())
        }
        var request = ReportRecorder(plan: [.requestFormat])
        request.pass(.requestFormat, found: "version 1", source: "connection")
        let decision = Decision(
            time: self.time, peer: self.peer, verdict: .released, secret: secret.secret.name, rule: rule.name, waivers: result.usedWaivers,
            enclave: Decision.Enclave(result.evidence.quote, isVerified: true), root: result.evidence.root.kind,
            certificateSHA256: CertificateFingerprint(of: certificateDER), failedCheck: nil, remedy: nil, report: report.appending(request.report()))
        return Conclusion(decision: decision, secret: secret)
    }

    private func concludeFailed(_ error: any Error) -> Conclusion {
        switch self.judged.withLock({ $0 }) {
        case .none:
            guard let report = HandshakeFailure.report(of: error) else { return Conclusion(decision: nil, secret: nil) }
            return self.refuse(report, rule: nil, verified: nil, certificateDER: nil)
        case .some((let certificateDER, .refused(let report, let nearest, let verified))):
            return self.refuse(report, rule: nearest, verified: verified, certificateDER: certificateDER)
        case .some((let certificateDER, .granted(_, let rule, let result, let report))):
            let failed = report.appending(RequestFailure.report(of: error))
            return self.refuse(failed, rule: rule, verified: result.evidence, certificateDER: certificateDER)
        }
    }

    private func refuse(_ report: VerificationReport, rule: ReleaseRule?, verified: VerifiedQuote?, certificateDER: [UInt8]?) -> Conclusion {
        let enclave = verified.flatMap { Decision.Enclave($0.quote, isVerified: true) } ?? certificateDER.flatMap(Decision.Enclave.init(claimedBy:))
        let decision = Decision(
            time: self.time, peer: self.peer, verdict: .refused, secret: nil, rule: rule?.name, waivers: [], enclave: enclave,
            root: verified?.root.kind,
            certificateSHA256: certificateDER.map(CertificateFingerprint.init(of:)), failedCheck: report.firstFailure?.id,
            remedy: report.firstFailure?.remedy, report: report)
        return Conclusion(decision: decision, secret: nil)
    }
}

/// A handshake that ended well without a decision about the client's certificate.
struct UndecidedError: Error {}

extension Decision.Enclave {
    /// `nil` for a quote of a trust domain.
    init?(_ quote: Quote, isVerified: Bool) {
        guard let report = quote.enclaveReport else { return nil }
        self.init(
            mrEnclave: report.mrEnclave, mrSigner: report.mrSigner, isvProdID: report.isvProdID, isvSVN: report.isvSVN, isVerified: isVerified)
    }

    /// What a certificate that was refused says about its enclave, for whoever looks for the reason.
    init?(claimedBy certificateDER: [UInt8]) {
        guard let certificate = try? RATLSCertificate(decoding: certificateDER), let quote = try? Quote(decoding: certificate.quote.span) else {
            return nil
        }
        self.init(quote, isVerified: false)
    }
}
