// SPDX-License-Identifier: Apache-2.0

public import Attestation
import SecretProvisioning
import Synchronization

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// What would have been decided otherwise under another policy: every recorded decision about a verified enclave, made again.
///
/// The recorded quote is verified again with the recorded collateral, as of the recorded time, and appraised under both policies. Waivers
/// count as of that time, too.
public struct PolicyDifference: Hashable, Sendable, Codable {
    /// A decision that comes out otherwise.
    public struct Change: Hashable, Sendable, Codable {
        /// The audit record.
        public let sequence: Int64
        /// When it was decided.
        public let time: Date
        /// Whom it was about.
        public let peer: String?
        /// Rule and secret under the old policy; `nil` if it refuses.
        public let before: String?
        /// Rule and secret under the new policy; `nil` if it refuses.
        public let after: String?
        /// Where the new policy refuses: the check that fails.
        public let failedCheck: Check.ID?
    }

    /// Number of decisions that were made again.
    public let replayed: Int
    /// Records whose evidence does not verify again, for instance because the root is not trusted here.
    public let unverified: [Int64]
    /// Records of decisions that were made again as if no secret had been named, for they are of a version that did not keep the names.
    public let unnamed: [Int64]
    /// Records beside which lies no evidence, or other evidence than they name: somebody changed the store, or an
    /// earlier version recorded a refusal (``AuditVerification/undecidable``).
    public let tampered: [Int64]
    /// Those that come out otherwise.
    public let changes: [Change]

    /// Replays a log's decisions.
    public init(from old: Policy, to new: Policy, log: AuditArchive, roots: [RootOfTrust]) async throws {
        let replay = Replay(old: old, new: new, roots: roots)
        try await log.decisions { record, evidence in try replay.run(record, evidence) }
        let results = replay.results
        self.replayed = results.replayed
        self.unverified = results.unverified
        self.unnamed = results.unnamed
        self.tampered = results.tampered
        self.changes = results.changes
    }

    /// One line a change, and a last line that sums up.
    public var text: String {
        var lines = self.changes.map { change in
            let verdict = change.after ?? "refused\(change.failedCheck.map { " at \($0)" } ?? "")"
            return "record \(change.sequence), \(change.peer ?? "unknown peer"): \(change.before ?? "refused") -> \(verdict)"
        }
        if !self.unverified.isEmpty { lines.append("\(self.unverified.count) decisions cannot be made again: their evidence does not verify here") }
        if !self.unnamed.isEmpty {
            lines.append(
                "\(self.unnamed.count) decisions do not say which secrets were asked for (an older version recorded them): "
                    + "made again as if for whichever comes first")
        }
        if !self.tampered.isEmpty {
            let records = self.tampered.prefix(10).map { "\($0)" }.joined(separator: ", ") + (self.tampered.count > 10 ? ", …" : "")
            lines.append(
                "\(self.tampered.count) decisions cannot be made again: their evidence is not what they were made on (records \(records)); "
                    + "see `sealwright broker audit verify`")
        }
        lines.append("\(self.replayed) decisions made again, \(self.changes.count) come out otherwise")
        return lines.joined(separator: "\n")
    }
}

/// Collects the results while the log is read.
private final class Replay: Sendable {
    private let old: Policy
    private let new: Policy
    private let verifier: QuoteVerifier
    private let state = Mutex(Results())

    struct Results {
        var replayed = 0
        var unverified: [Int64] = []
        var unnamed: [Int64] = []
        var tampered: [Int64] = []
        var changes: [PolicyDifference.Change] = []
    }

    init(old: Policy, new: Policy, roots: [RootOfTrust]) {
        self.old = old
        self.new = new
        self.verifier = QuoteVerifier(roots: roots)
    }

    var results: Results { self.state.withLock { $0 } }

    func run(_ record: AuditRecord, _ evidence: RecordedEvidence?) throws {
        guard let evidence else { return self.state.withLock { $0.tampered.append(record.sequence) } }
        let outcome = self.verifier.verify(encodedQuote: evidence.quote, collateral: evidence.collateral, at: record.time)
        guard let quote = outcome.verifiedQuote else { return self.state.withLock { $0.unverified.append(record.sequence) } }
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        let decision = try decoder.decode(RecordedApproach.self, from: Data(record.body.utf8))
        let approach = RuleTrial.Approach(door: decision.door, model: decision.model)
        let names = decision.asked ?? []
        let before = Self.decide(self.old, quote, approach, names, at: record.time)
        let after = Self.decide(self.new, quote, approach, names, at: record.time)
        self.state.withLock { state in
            state.replayed += 1
            // Gramine's protocol names none.
            if decision.asked == nil, decision.door == .challenge { state.unnamed.append(record.sequence) }
            guard before.released != after.released else { return }
            state.changes.append(
                PolicyDifference.Change(
                    sequence: record.sequence, time: record.time, peer: record.peer, before: before.released, after: after.released,
                    failedCheck: after.released == nil ? after.failedCheck : nil))
        }
    }

    private struct RecordedApproach: Decodable {
        let door: Decision.Door
        let model: ModelDigest?
        let asked: [String]?
    }

    private typealias Verdict = (released: String?, failedCheck: Check.ID?)

    /// What a policy decides: all of the secrets that were asked for, or none.
    private static func decide(
        _ policy: Policy, _ quote: VerifiedQuote, _ approach: RuleTrial.Approach, _ names: [String], at time: Date
    ) -> Verdict {
        var released: [String] = []
        for name in names.isEmpty ? [nil] : names.map(Optional.some) {
            let verdict = Self.firstMatch(for: name, policy, quote, approach, at: time)
            guard let match = verdict.released else { return verdict }
            released.append(match)
        }
        return (released.joined(separator: ", "), nil)
    }

    /// The first rule for a secret that matches, or of all; of those that do not match the failure of the nearest.
    private static func firstMatch(
        for name: String?, _ policy: Policy, _ quote: VerifiedQuote, _ approach: RuleTrial.Approach, at time: Date
    ) -> Verdict {
        var nearest: (check: Check.ID?, failures: Int)?
        for rule in policy.rules where name == nil || rule.secret == name {
            // Evidence of a simulated platform counts as it did, or it would not have been verified.
            let trial = RuleTrial(rule, policy: policy, approach, simulatedEvidence: .allowed).appraise(quote, at: time)
            if trial.result != nil { return ("`\(rule.secret)` by \(rule.name)", nil) }
            let failures = trial.report.checks.count { $0.outcome == .failed }
            if nearest.map({ failures < $0.failures }) ?? true { nearest = (trial.report.firstFailure?.id, failures) }
        }
        return (nil, nearest?.check ?? .secretAvailable)
    }
}
