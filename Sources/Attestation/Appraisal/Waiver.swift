// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// A rule of appraisal that an owner gives up, knowing why and until when.
public struct Waiver: Hashable, Sendable, Codable {
    /// What can be waived; more may be added.
    public struct Kind: Hashable, Sendable, Codable, CustomStringConvertible {
        /// The name that policy files use, in kebab case.
        public let description: String
        private init(_ name: String) { self.description = name }

        /// A platform whose TCB status is `OutOfDate` or whose TCB date is before the policy's minimum.
        ///
        /// `OutOfDateConfigurationNeeded` passes too where the policy accepts `ConfigurationNeeded`.
        public static let outOfDateTCB = Kind("out-of-date-tcb")
        /// A debug enclave, or a trust domain under debug, which can be looked into from outside.
        public static let debugEnclave = Kind("debug-enclave")
        /// An enclave of any measurement, signer and product; a trust domain of any measurements.
        public static let anyMeasurement = Kind("any-measurement")
        /// A trust domain without SEPT_VE_DISABLE, as some providers start them.
        public static let septVEDisable = Kind("sept-ve-disable")
        /// A trust domain that can be moved to another platform.
        public static let migratableTD = Kind("migratable-td")
        /// A trust domain that any service trust domain is bound to.
        public static let serviceTD = Kind("service-td")

        /// All kinds.
        public static let all: [Kind] = [.outOfDateTCB, .debugEnclave, .anyMeasurement, .septVEDisable, .migratableTD, .serviceTD]

        /// The kind of that name; `nil` if there is none.
        public init?(name: some StringProtocol) {
            guard let kind = Self.all.first(where: { $0.description == name }) else { return nil }
            self = kind
        }

        /// Decodes the name.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            let name = try container.decode(String.self)
            guard let kind = Kind(name: name) else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "unknown waiver `\(name)`")
            }
            self = kind
        }

        /// Encodes the name.
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(self.description)
        }
    }

    /// What is waived.
    public let kind: Kind
    /// Why, in the owner's words.
    public let reason: String
    /// When the waiver ends; it still counts at that very time.
    public let expiration: Date

    /// Waives `kind` until `expiration`.
    public init(_ kind: Kind, reason: String, until expiration: Date) {
        self.kind = kind
        self.reason = reason
        self.expiration = expiration
    }

    /// Whether the waiver counts at `time`.
    public func isInForce(at time: Date) -> Bool { time <= self.expiration }
}
