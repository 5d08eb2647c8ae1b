// SPDX-License-Identifier: Apache-2.0

import Attestation

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Something in a policy that is allowed but probably not meant.
public struct PolicyFinding: Hashable, Sendable, Codable {
    /// Line of the policy file.
    public let line: Int
    /// What is odd about it and what follows from that.
    public let message: String
}

extension Policy {
    /// How long before its end a waiver is pointed out.
    private static let waiverNotice: TimeInterval = 14 * 86400

    /// What the owner should look at, in the file's order.
    public func findings(at time: Date) -> [PolicyFinding] {
        let unused = self.secrets.filter { secret in !self.rules.contains { $0.secret == secret.name } }.map {
            PolicyFinding(line: $0.line, message: "no rule releases the secret `\($0.name)`")
        }
        return (unused + self.rules.flatMap { Self.findings(of: $0, at: time) }).sorted { $0.line < $1.line }
    }

    private static func findings(of rule: ReleaseRule, at time: Date) -> [PolicyFinding] {
        var messages: [String] = []
        let waived = Set(rule.waivers.filter { $0.isInForce(at: time) }.map(\.kind))
        if let sgx = rule.sgx { messages += self.findings(of: sgx, isAnyAccepted: waived.contains(.anyMeasurement)) }
        if let tdx = rule.tdx { messages += self.findings(of: tdx, isAnyAccepted: waived.contains(.anyMeasurement)) }
        if rule.tcb.acceptedStatuses.contains(where: \.isOutOfDate), !waived.contains(.outOfDateTCB) {
            messages.append("accepts an out-of-date TCB, which counts only with a waiver `out-of-date-tcb`")
        }
        if rule.tcb.acceptedStatuses.isEmpty { messages.append("accepts no TCB status, so it refuses every platform") }
        if rule.models == .anyOf([]) { messages.append("has an empty list of models, which accepts nothing") }
        if rule.tcb.acceptedStatuses.contains(.revoked) { messages.append("accepts Revoked, which is never accepted") }
        messages += rule.waivers.compactMap { Self.finding(of: $0, at: time) }
        return messages.map { PolicyFinding(line: rule.line, message: "\(rule.name) \($0)") }
    }

    private static func findings(of sgx: SGXReferenceValues, isAnyAccepted: Bool) -> [String] {
        var messages: [String] = []
        if sgx.mrEnclave == .notGiven, sgx.mrSigner == .notGiven, !isAnyAccepted {
            messages.append("names neither mr_enclave nor mr_signer, so it refuses every enclave")
        } else if sgx.mrEnclave == .notGiven, sgx.isvProdID == .notGiven, !isAnyAccepted {
            messages.append("names a signer without isv_prod_id, so it refuses every enclave: a signer signs many things")
        }
        if sgx.mrEnclave == .anyOf([]) || sgx.mrSigner == .anyOf([]) || sgx.isvProdID == .anyOf([]) {
            messages.append("has an empty list, which accepts nothing")
        }
        return messages
    }

    private static func findings(of tdx: TDXReferenceValues, isAnyAccepted: Bool) -> [String] {
        let rtmrs = [tdx.rtmr0, tdx.rtmr1, tdx.rtmr2, tdx.rtmr3]
        var messages: [String] = []
        if tdx.mrTD == .notGiven, !isAnyAccepted {
            messages.append("names no mr_td, so it refuses every trust domain")
        } else if !rtmrs.contains(where: \.isGiven), !isAnyAccepted {
            messages.append("names mr_td without an rtmr: it trusts whatever this firmware boots")
        }
        if ([tdx.mrTD, tdx.mrSeam, tdx.mrConfigID, tdx.mrOwner, tdx.mrOwnerConfig, tdx.mrServiceTD] + rtmrs).contains(.anyOf([])) {
            messages.append("has an empty list, which accepts nothing")
        }
        return messages
    }

    private static func finding(of waiver: Waiver, at time: Date) -> String? {
        if !waiver.isInForce(at: time) { return "has a waiver `\(waiver.kind)` that has expired: it no longer counts" }
        if !waiver.isInForce(at: time.addingTimeInterval(self.waiverNotice)) { return "has a waiver `\(waiver.kind)` that expires within 14 days" }
        return nil
    }
}

extension TCBStatus {
    fileprivate var isOutOfDate: Bool { self == .outOfDate || self == .outOfDateConfigurationNeeded }
}
