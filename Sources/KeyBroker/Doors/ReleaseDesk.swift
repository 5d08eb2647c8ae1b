// SPDX-License-Identifier: Apache-2.0

import Attestation
import ByteCoding
import SecretProvisioning

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Gives out challenges and answers those who answered one, whatever carries the messages.
struct ReleaseDesk: Sendable {
    /// What a peer gets.
    enum Answer: Sendable {
        case released(ChallengeMessages.Release)
        case refused(ChallengeMessages.Problem)
    }

    static let problemPrefix = "urn:sealwright:problem:"
    /// Most secrets of one request.
    static let secretLimit = 32
    /// The largest quote, in bytes: the 100000 characters of base64 that the interface allows.
    static let quoteLimit = 75_000

    private let releaser: Releaser
    private let issuer: ChallengeIssuer
    private let journal: DecisionJournal

    init(releaser: Releaser, issuer: ChallengeIssuer, journal: DecisionJournal) {
        self.releaser = releaser
        self.issuer = issuer
        self.journal = journal
    }

    func challenge(at time: Date) -> ChallengeMessages.Challenge {
        let (nonce, expiration) = self.issuer.issue(at: time)
        return ChallengeMessages.Challenge(nonce: Data(nonce), expires: expiration.formatted(.iso8601))
    }

    func release(_ request: ChallengeMessages.ReleaseRequest, peer: String, at time: Date) async -> Answer {
        let names = request.secrets ?? []
        let model = request.model.map { ModelDigest([UInt8]($0)) }
        guard model != .some(nil), request.quote.count <= Self.quoteLimit, names.count <= Self.secretLimit, Set(names).count == names.count,
            names.allSatisfy({ $0.utf8.count <= SecretDescription.nameLimit }),
            let binding = ReleaseBinding(
                nonce: [UInt8](request.nonce), publicKey: [UInt8](request.publicKey), secrets: names, model: model.flatMap(\.self))
        else {
            return .refused(
                Self.problem("bad-request", "A nonce, a key, the quote, the model or the list of secrets is not as the interface describes it.", 400))
        }
        let visit = Visit(binding: binding, quote: [UInt8](request.quote), peer: peer, time: time)
        do {
            return try await self.judge(visit)
        } catch {
            // What went wrong is in the log; nothing was released.
            return .refused(Self.problem("unavailable", "The broker cannot decide now. Try again later.", 503))
        }
    }

    /// One request on its way through the checks.
    private struct Visit {
        let binding: ReleaseBinding
        let quote: [UInt8]
        let peer: String
        let time: Date
    }

    private func judge(_ visit: Visit) async throws -> Answer {
        var recorder = ReportRecorder(plan: [.challengeGenuine, .challengeFreshness])
        let challenge: Challenge
        do {
            challenge = try self.issuer.check(visit.binding.nonce, at: visit.time)
        } catch {
            ChallengeChecks.fail(&recorder, error)
            let refusal = Decision.Refusal(report: recorder.report(), rule: nil, verified: nil)
            return try await self.refuse(refusal, visit, self.releaser.unjudged(visit.binding), challenge: nil)
        }
        recorder.pass(.challengeGenuine, source: "challenge")
        recorder.pass(.challengeFreshness, source: "challenge")
        let before = recorder.report()
        let start = ContinuousClock.now
        let judgement = try await self.releaser.judge(quote: visit.quote, for: visit.binding, at: visit.time) {
            before.appending(ChallengeChecks.binding(of: $0, to: visit.binding))
        }
        self.journal.metrics.note(judgement, took: .now - start)
        switch judgement.outcome {
        case .refused(let report, let nearest, let verified):
            let refusal = Decision.Refusal(report: report, rule: nearest, verified: verified)
            return try await self.refuse(refusal, visit, judgement, challenge: verified == nil ? nil : challenge)
        case .granted(let grants, let report): return try await self.release(grants, report, visit, judgement, challenge)
        }
    }

    /// Encrypts, records, and only then hands out.
    private func release(
        _ grants: [Releaser.Grant], _ report: VerificationReport, _ visit: Visit, _ judgement: Releaser.Judgement, _ challenge: Challenge
    ) async throws -> Answer {
        let secrets = grants.flatMap(\.secrets).map { secret in
            secret.bytes.withBytes { ReleasedSecret(name: secret.secret.name, version: UInt32(clamping: secret.version ?? 0), bytes: $0) }
        }
        guard let sealed = try? ReleaseEncryption.seal(secrets, for: visit.binding) else {
            return .refused(Self.problem("bad-request", "The public key is none that an answer can be encrypted to.", 400))
        }
        let decisions = grants.flatMap { grant in
            grant.secrets.map { secret in
                Decision(
                    released: grant, secret, door: .challenge, peer: visit.peer, at: visit.time, judgement: judgement,
                    report: report.appending(grant.report).appending(ChallengeChecks.unused(true)))
            }
        }
        guard try await self.journal.record(decisions, using: challenge) else {
            return try await self.refuseReuse(visit, judgement, after: report, grants.first)
        }
        return .released(
            ChallengeMessages.Release(encapsulatedKey: Data(sealed.encapsulatedKey), ciphertext: Data(sealed.ciphertext)))
    }

    /// Records a refusal; one of a verified enclave uses its challenge up, as a release does.
    private func refuse(
        _ refusal: Decision.Refusal, _ visit: Visit, _ judgement: Releaser.Judgement, challenge: Challenge?
    ) async throws -> Answer {
        let decision = Decision(refused: refusal, door: .challenge, peer: visit.peer, at: visit.time, judgement: judgement, quote: visit.quote)
        if let challenge {
            guard try await self.journal.record([decision], using: challenge) else {
                return try await self.refuseReuse(visit, judgement, after: refusal.report, nil)
            }
        } else {
            try await self.journal.record(decision)
        }
        return .refused(Self.refusal(refusal.report, judgement.policy.explanation))
    }

    private func refuseReuse(
        _ visit: Visit, _ judgement: Releaser.Judgement, after report: VerificationReport, _ grant: Releaser.Grant?
    ) async throws -> Answer {
        let refusal = Decision.Refusal(
            report: ChallengeChecks.unused(false).appending(report), rule: grant?.rule, verified: judgement.verified)
        return try await self.refuse(refusal, visit, judgement, challenge: nil)
    }

    /// The same for all reasons, unless the policy says that a peer may know.
    private static func refusal(_ report: VerificationReport, _ explanation: Policy.Explanation) -> ChallengeMessages.Problem {
        let title = "The broker does not release this to this evidence."
        guard explanation == .peer, let failure = report.firstFailure else {
            return Self.problem("refused", title, 403)
        }
        return ChallengeMessages.Problem(
            type: Self.problemPrefix + "refused", title: title, status: 403, failedCheck: failure.id.description, expected: failure.expected,
            found: failure.found, remedy: failure.remedy)
    }

    private static func problem(_ name: String, _ title: String, _ status: Int) -> ChallengeMessages.Problem {
        ChallengeMessages.Problem(type: Self.problemPrefix + name, title: title, status: status)
    }
}
