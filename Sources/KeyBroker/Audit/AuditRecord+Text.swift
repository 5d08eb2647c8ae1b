// SPDX-License-Identifier: Apache-2.0

import Attestation

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension AuditRecord {
    /// The record as one JSON object on one line: everything that its hash covers, the recorded object as it was written.
    public var jsonLine: String {
        var fields = ["\"sequence\":\(self.sequence)", "\"milliseconds\":\(self.draft.time)", "\"kind\":\"\(self.kind.rawValue)\""]
        for (name, value) in [("peer", self.peer), ("secret", self.secret), ("rule", self.rule), ("failedCheck", self.failedCheck)] {
            if let value { fields.append("\"\(name)\":\(Self.quoted(value))") }
        }
        fields += ["\"hash\":\"\(self.hash)\"", "\"record\":\(self.body)"]
        return "{\(fields.joined(separator: ","))}"
    }

    /// The record on one line, for people.
    public var summary: String {
        var words = ["\(self.sequence)", self.time.formatted(.iso8601), self.kind.rawValue]
        if self.kind == .event { words.append(self.event?.event ?? "") }
        if let name = self.secret.map({ "`\($0)`" }) ?? self.unknownNames { words.append(name) }
        if let rule { words.append(rule) }
        if let failedCheck { words.append("at \(failedCheck)") }
        if let peer { words.append(peer) }
        return words.joined(separator: "  ")
    }

    /// The record with its whole report, for people.
    public var text: String {
        guard let decision = self.decision else {
            let details = (self.event?.details ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
            return ([self.summary] + details + ["hash: \(self.hash)"]).joined(separator: "\n")
        }
        var lines = [self.summary, "door: \(decision.door.rawValue)"]
        if let asked = decision.asked, !asked.isEmpty { lines.append("asked for: \(Self.list(asked))") }
        if let enclave = decision.enclave {
            lines.append("enclave: MRENCLAVE \(enclave.mrEnclave), MRSIGNER \(enclave.mrSigner)\(enclave.isVerified ? "" : " (claimed)")")
        }
        if let domain = decision.trustDomain { lines.append("trust domain: MRTD \(domain.mrTD)\(domain.isVerified ? "" : " (claimed)")") }
        if let status = decision.report.tcbStatus { lines.append("TCB status: \(status.rawValue)") }
        lines += decision.waivers.map { "waiver: \($0.kind) (\($0.reason))" }
        if let evidence = decision.evidenceSHA256 { lines.append("evidence: SHA-256 \(evidence)") }
        if let policy = decision.policySHA256 { lines.append("policy: SHA-256 \(policy)") }
        return (lines + [decision.report.text, "hash: \(self.hash)"]).joined(separator: "\n")
    }

    /// The decision; `nil` for an event.
    public var decision: Decision? { self.kind == .event ? nil : try? Self.decoder.decode(Decision.self, from: Data(self.body.utf8)) }

    /// The event; `nil` for a decision.
    public var event: AuditEvent? { self.kind == .event ? try? Self.decoder.decode(AuditEvent.self, from: Data(self.body.utf8)) : nil }

    /// What a refused peer asked for, where the policy has none of it.
    private var unknownNames: String? {
        guard self.kind == .refused, let asked = try? Self.decoder.decode(Asked.self, from: Data(self.body.utf8)).asked else { return nil }
        return asked.isEmpty ? nil : Self.list(asked)
    }

    private struct Asked: Decodable {
        let asked: [String]?
    }

    /// Names that a peer wrote.
    private static func list(_ names: [String]) -> String { names.map { "`\(ReportText.quotable($0))`" }.joined(separator: ", ") }

    private static var decoder: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return decoder
    }

    private static func quoted(_ text: String) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        // A text can always be encoded.
        return (try? encoder.encode(text)).map { String(decoding: $0, as: UTF8.self) } ?? "null"
    }
}
