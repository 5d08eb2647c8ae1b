// SPDX-License-Identifier: Apache-2.0

package import ByteCoding

/// Why attestation over a network could not be set up or carried out.
///
/// Evidence that fails a check is not an error but an outcome with a report: see ``PeerVerifier``.
public struct RATLSError: Error, Hashable, Sendable {
    /// What kind of thing went wrong.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Wrapped: String {
            case badPEM = "bad-pem"
            case badKeyPair = "bad-tls-key-pair"
            case badServiceURL = "bad-collateral-url"
            case unavailable = "collateral-unavailable"
            case badResponse = "bad-collateral-response"
        }

        private let wrapped: Wrapped

        /// A PEM file that holds no usable block.
        public static let badPEM = Self(wrapped: .badPEM)
        /// A certificate and a private key that do not serve TLS together.
        public static let badKeyPair = Self(wrapped: .badKeyPair)
        /// The address of a collateral service that cannot be one.
        public static let badServiceURL = Self(wrapped: .badServiceURL)
        /// A collateral service that cannot be reached or does not have what was asked for.
        public static let collateralUnavailable = Self(wrapped: .unavailable)
        /// A collateral service that answered something else than collateral.
        public static let badCollateralResponse = Self(wrapped: .badResponse)

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

extension RATLSError: DiagnosableError {
    package var identifier: String { self.code.description }

    package var exitStatus: ExitStatus {
        switch self.code {
        case .badPEM, .badKeyPair: .badData
        case .badServiceURL: .usage
        default: .unavailable
        }
    }
}
