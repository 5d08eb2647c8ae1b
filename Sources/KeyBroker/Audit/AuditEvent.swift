// SPDX-License-Identifier: Apache-2.0

import Attestation

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Something of note that is no decision about a peer: what an operator changed, that a broker began or ended.
public struct AuditEvent: Hashable, Sendable, Codable {
    /// When it happened.
    public let time: Date
    /// What happened, in kebab case: `secret-rotated`, `broker-started`.
    public let event: String
    /// The secret that it is about.
    public let secret: String?
    /// Anything else worth knowing; never a secret.
    public let details: [String: String]

    /// Describes an event.
    public init(_ event: String, secret: String? = nil, details: [String: String] = [:], at time: Date) {
        self.time = time
        self.event = event
        self.secret = secret
        self.details = details
    }
}

extension AuditRecord.Draft {
    /// A decision as it is put on record.
    static func decision(_ decision: Decision) -> AuditRecord.Draft {
        AuditRecord.Draft(
            time: decision.time.milliseconds, kind: decision.verdict == .released ? .released : .refused, peer: decision.peer,
            secret: decision.secret, rule: decision.rule, failedCheck: decision.failedCheck?.description,
            body: String(decoding: decision.json, as: UTF8.self))
    }

    /// An event as it is put on record.
    static func event(_ event: AuditEvent) throws -> AuditRecord.Draft {
        AuditRecord.Draft(time: event.time.milliseconds, kind: .event, secret: event.secret, body: try Self.json(event))
    }

    private static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}

extension Date {
    /// Milliseconds since 1970, as the store keeps times; far dates are cut to what fits.
    var milliseconds: Int64 {
        let value = (self.timeIntervalSince1970 * 1000).rounded()
        return value.isNaN ? 0 : Int64(exactly: min(max(value, -1e17), 1e17)) ?? 0
    }

    init(milliseconds: Int64) { self.init(timeIntervalSince1970: Double(milliseconds) / 1000) }
}
