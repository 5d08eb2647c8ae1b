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
        case .badSecret: .badData
        case .logFailed: .inputOutput
        default: .unavailable
        }
    }
}
