// SPDX-License-Identifier: Apache-2.0

package import ByteCoding

/// Why a key broker cannot start or go on.
public struct KeyBrokerError: Error, Hashable, Sendable {
    /// What kind of thing went wrong.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Wrapped: String {
            case badPolicy = "bad-policy"
            case badSecret = "bad-secret"
            case portTaken = "port-taken"
            case cannotListen = "cannot-listen"
            case logFailed = "decision-log-failed"
            case storeFailed = "store-failed"
            case storeDamaged = "store-damaged"
            case storeInUse = "store-in-use"
            case unfinishedRestoration = "unfinished-restoration"
            case badMasterKey = "bad-master-key"
            case loosePermissions = "loose-permissions"
            case publishedKey = "published-key"
            case noSecret = "no-such-secret"
            case badRequest = "bad-request"
        }

        private let wrapped: Wrapped

        /// A policy file that says something else than a policy.
        public static let badPolicy = Self(wrapped: .badPolicy)
        /// A secret that cannot be provisioned as its policy says.
        public static let badSecret = Self(wrapped: .badSecret)
        /// Another process listens on the port.
        public static let portTaken = Self(wrapped: .portTaken)
        /// The address cannot be listened on.
        public static let cannotListen = Self(wrapped: .cannotListen)
        /// A decision could not be recorded, so nothing was released.
        public static let logFailed = Self(wrapped: .logFailed)

        /// The store cannot be read or written.
        public static let storeFailed = Self(wrapped: .storeFailed)
        /// The store is damaged, or no store.
        public static let storeDamaged = Self(wrapped: .storeDamaged)
        /// A backup was put in a store's place, and the log of the store before lies beside it.
        public static let unfinishedRestoration = Self(wrapped: .unfinishedRestoration)
        /// Another broker serves from the store.
        public static let storeInUse = Self(wrapped: .storeInUse)
        /// A master key that is none, is not the store's, or lies beside it.
        public static let badMasterKey = Self(wrapped: .badMasterKey)
        /// A file with a secret that others may read.
        public static let loosePermissions = Self(wrapped: .loosePermissions)
        /// A key that everybody has, for it lies in a public repository.
        public static let publishedKey = Self(wrapped: .publishedKey)
        /// A secret, or a version of one, that the store does not have.
        public static let noSecret = Self(wrapped: .noSecret)
        /// Something that cannot be done with the store as it is asked.
        public static let badRequest = Self(wrapped: .badRequest)

        /// The stable identifier, in kebab case.
        public var description: String { self.wrapped.rawValue }
    }

    /// What kind of thing went wrong.
    public let code: Code
    /// What was wrong and where.
    public let message: String
    /// What can be done about it, where that is known.
    public let remedy: String?

    init(_ code: Code, _ message: String, remedy: String? = nil) {
        self.code = code
        self.message = message
        self.remedy = remedy
    }
}

extension KeyBrokerError: DiagnosableError {
    package var identifier: String { self.code.description }

    package var exitStatus: ExitStatus {
        switch self.code {
        case .badPolicy: .configuration
        case .badSecret, .publishedKey, .storeDamaged, .unfinishedRestoration: .badData
        case .badMasterKey, .loosePermissions: .refused
        case .noSecret: .noInput
        case .badRequest: .usage
        case .logFailed, .storeFailed: .inputOutput
        default: .unavailable
        }
    }
}
