// SPDX-License-Identifier: Apache-2.0

import Attestation
import Synchronization

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// What a broker counts and measures, for Prometheus.
public final class BrokerMetrics: Sendable {
    /// The labels of a decision; each comes from the policy or from a fixed set, so that no peer can make up new ones.
    private struct DecisionLabels: Hashable {
        let secret: String
        let door: String
        let verdict: String
        let failedCheck: String

        var list: [(String, String)] {
            [("secret", self.secret), ("door", self.door), ("verdict", self.verdict), ("failed_check", self.failedCheck)]
        }
    }

    private struct State {
        var decisions: [DecisionLabels: Int] = [:]
        var verificationBuckets = [Int](repeating: 0, count: BrokerMetrics.bounds.count + 1)
        var verificationSeconds = 0.0
        var rejectedConnections: [String: Int] = [:]
        var reloads: [[String]: Int] = [:]
        var openConnections = 0
        var collateral: (issued: Date, expiration: Date)?
        /// When the status of platforms will change; `nil` where no change is known.
        var tcbChanges: [CollateralKey: Date?] = [:]
    }

    /// Upper bounds of the histogram of verification times, in seconds.
    private static let bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
    private static let secondsOfDay = 86400.0
    private static let prefix = "sealwright_broker_"

    private let state = Mutex(State())
    /// The platforms that were seen lately.
    let platforms = SeenPlatforms()

    /// Starts at zero.
    public init() {}

    func note(_ decision: Decision) {
        let labels = DecisionLabels(
            secret: decision.secret ?? "", door: decision.door.rawValue, verdict: decision.verdict.rawValue,
            failedCheck: decision.failedCheck?.description ?? "")
        self.state.withLock { $0.decisions[labels, default: 0] += 1 }
    }

    /// How long a judgement took, and how old what it was made on is.
    func note(_ judgement: Releaser.Judgement, took duration: Duration) {
        let seconds = duration / .seconds(1)
        let bucket = Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count
        let verified = judgement.verified
        self.state.withLock { state in
            state.verificationBuckets[bucket] += 1
            state.verificationSeconds += seconds
            if let verified { state.collateral = (verified.collateralIssued, verified.collateralExpiration) }
        }
        if let verified { self.platforms.note(verified) }
    }

    /// When the status of platforms will change, of those that were seen lately.
    func note(_ tcbChanges: [CollateralKey: Date?]) { self.state.withLock { $0.tcbChanges = tcbChanges } }

    /// A connection that was not served, and the limit that it was beyond.
    func noteRejectedConnection(_ limit: String) { self.state.withLock { $0.rejectedConnections[limit, default: 0] += 1 } }

    /// What was read anew, and whether it could be.
    func noteReload(_ what: String, succeeded: Bool) {
        self.state.withLock { $0.reloads[[what, succeeded ? "loaded" : "refused"], default: 0] += 1 }
    }

    func noteConnections(_ change: Int) { self.state.withLock { $0.openConnections += change } }

    /// The text format of Prometheus, version 0.0.4.
    public func text(at time: Date) -> String {
        let state = self.state.withLock { $0 }
        var text = PrometheusText()
        Self.decisions(state, &text)
        Self.verification(state, &text)
        Self.connections(state, &text)
        text.family(Self.prefix + "reloads_total", "counter", "Policies and certificates that were read anew.")
        for (key, count) in state.reloads.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            text.sample(Self.prefix + "reloads_total", [("what", key[0]), ("result", key[1])], Double(count))
        }
        Self.collateral(state, at: time, &text)
        Self.tcbChanges(state, at: time, &text)
        return text.text
    }

    private static func decisions(_ state: State, _ text: inout PrometheusText) {
        let name = Self.prefix + "decisions_total"
        text.family(name, "counter", "Decisions about peers that asked for a secret.")
        let sorted = state.decisions.map { (labels: $0.key.list, count: $0.value) }
            .sorted { $0.labels.map(\.1).lexicographicallyPrecedes($1.labels.map(\.1)) }
        for (labels, count) in sorted { text.sample(name, labels, Double(count)) }
    }

    private static func verification(_ state: State, _ text: inout PrometheusText) {
        let name = Self.prefix + "verification_seconds"
        text.family(name, "histogram", "Time from evidence to decision, with the fetching of collateral.")
        var sum = 0
        for (bound, count) in zip(Self.bounds.map { "\($0)" } + ["+Inf"], state.verificationBuckets) {
            sum += count
            text.sample(name + "_bucket", [("le", bound)], Double(sum))
        }
        text.sample(name + "_sum", [], state.verificationSeconds)
        text.sample(name + "_count", [], Double(sum))
    }

    private static func connections(_ state: State, _ text: inout PrometheusText) {
        text.family(Self.prefix + "open_connections", "gauge", "Connections that are open on both doors.")
        text.sample(Self.prefix + "open_connections", [], Double(state.openConnections))
        text.family(Self.prefix + "rejected_connections_total", "counter", "Connections that were beyond a limit.")
        for (limit, count) in state.rejectedConnections.sorted(by: { $0.key < $1.key }) {
            text.sample(Self.prefix + "rejected_connections_total", [("limit", limit)], Double(count))
        }
    }

    private static func collateral(_ state: State, at time: Date, _ text: inout PrometheusText) {
        guard let (issued, expiration) = state.collateral else { return }
        text.family(Self.prefix + "collateral_age_seconds", "gauge", "Age of the collateral that evidence was last verified with.")
        text.sample(Self.prefix + "collateral_age_seconds", [], time.timeIntervalSince(issued).rounded())
        text.family(Self.prefix + "collateral_days_left", "gauge", "Days until that collateral ends and platforms are judged by a newer TCB.")
        text.sample(Self.prefix + "collateral_days_left", [], expiration.timeIntervalSince(time) / Self.secondsOfDay)
    }

    private static func tcbChanges(_ state: State, at time: Date, _ text: inout PrometheusText) {
        let name = Self.prefix + "tcb_change_days"
        text.family(name, "gauge", "Days until platforms that were seen lately are judged otherwise than today; +Inf where no change is known.")
        for (key, date) in state.tcbChanges.sorted(by: { "\($0.key)" < "\($1.key)" }) {
            let labels = [("tee", key.tee.rawValue), ("fmspc", "\(key.fmspc)"), ("ca", key.certificateAuthority.rawValue)]
            text.sample(name, labels, date.map { $0.timeIntervalSince(time) / Self.secondsOfDay } ?? .infinity)
        }
    }
}
