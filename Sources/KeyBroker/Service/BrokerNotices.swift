// SPDX-License-Identifier: Apache-2.0

public import Attestation
public import Logging

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// What an operator has to know when a broker starts: everything that makes it looser than the default.
public struct BrokerNotices: Sendable {
    private let policy: Policy
    private let simulatedRoots: [RootOfTrust]

    /// Gathers notices.
    public init(policy: Policy, simulatedRoots: [RootOfTrust]) {
        self.policy = policy
        self.simulatedRoots = simulatedRoots
    }

    /// Prints simulated roots, waivers in force and the policy's findings.
    public func print(to logger: Logger, at time: Date) {
        for root in self.simulatedRoots {
            logger.critical(
                "INSECURE: evidence of a SIMULATED platform is accepted. It proves nothing. Secrets marked `production` stay closed to it",
                metadata: ["root": "\(root.pin)"])
        }
        for rule in self.policy.rules {
            for waiver in rule.waivers where waiver.isInForce(at: time) {
                logger.warning(
                    "a waiver is in force",
                    metadata: [
                        "rule": "\(rule.name)", "allow": "\(waiver.kind)", "reason": "\(waiver.reason)",
                        "until": "\(waiver.expiration.formatted(.iso8601))",
                    ])
            }
        }
        for finding in self.policy.findings(at: time) { logger.warning("\(self.policy.file):\(finding.line): \(finding.message)") }
    }
}
