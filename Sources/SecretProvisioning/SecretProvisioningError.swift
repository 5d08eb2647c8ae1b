// SPDX-License-Identifier: Apache-2.0

package import ByteCoding

/// Why a secret could not be asked for, or a request or answer not be read.
public struct SecretProvisioningError: Error, Hashable, Sendable {
    /// What kind of thing went wrong.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Wrapped: String {
            case badServer = "bad-server-address"
            case badRequest = "bad-provisioning-request"
            case badResponse = "bad-provisioning-response"
            case badSecret = "bad-secret-size"
            case refused = "broker-refused"
            case unreachable = "broker-unreachable"
            case untrusted = "broker-untrusted"
            case timeout = "broker-timeout"
            case otherDoor = "broker-other-door"
        }

        private let wrapped: Wrapped

        /// A server address that is not `host:port`.
        public static let badServerAddress = Self(wrapped: .badServer)
        /// A client that does not speak the protocol.
        public static let badRequest = Self(wrapped: .badRequest)
        /// A server that does not speak the protocol, or stopped in the middle.
        public static let badResponse = Self(wrapped: .badResponse)
        /// A secret that is empty or larger than allowed.
        public static let badSecretSize = Self(wrapped: .badSecret)
        /// The broker took the evidence and said no.
        public static let refused = Self(wrapped: .refused)
        /// No broker could be connected to.
        public static let unreachable = Self(wrapped: .unreachable)
        /// The broker's certificate is not one that this client was told to trust.
        public static let untrusted = Self(wrapped: .untrusted)
        /// The broker did not answer in time.
        public static let timeout = Self(wrapped: .timeout)

        /// The server wants a certificate with evidence: it speaks Gramine's protocol and not HTTPS.
        public static let otherDoor = Self(wrapped: .otherDoor)

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

extension SecretProvisioningError: DiagnosableError {
    package var identifier: String { self.code.description }

    package var exitStatus: ExitStatus {
        switch self.code {
        case .badServerAddress: .usage
        case .refused, .untrusted: .refused
        case .unreachable, .timeout: .unavailable
        default: .badData
        }
    }
}
