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
            case badProfile = "bad-collateral-profile"
            case badCache = "bad-collateral-cache"
            case peerUnavailable = "peer-unavailable"
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

        /// The name of a collateral profile that is not known, or lacks something.
        public static let badProfile = Self(wrapped: .badProfile)
        /// A cache folder that cannot be used.
        public static let badCache = Self(wrapped: .badCache)

        /// A TLS server that cannot be reached, or breaks off the handshake.
        public static let peerUnavailable = Self(wrapped: .peerUnavailable)

        /// The stable identifier, in kebab case.
        public var description: String { self.wrapped.rawValue }
    }

    /// What kind of thing went wrong.
    public let code: Code
    /// What was wrong and where.
    public let message: String
    /// What can be done about it, where that is known.
    public let remedy: String?

    /// Whether the same attempt may succeed in a moment: a connection that could not be made, or broke.
    let isTransient: Bool

    init(_ code: Code, _ message: String, remedy: String? = nil, isTransient: Bool = false) {
        self.code = code
        self.message = message
        self.remedy = remedy
        self.isTransient = isTransient
    }
}

extension RATLSError: DiagnosableError {
    package var identifier: String { self.code.description }

    package var exitStatus: ExitStatus {
        switch self.code {
        case .badPEM, .badKeyPair: .badData
        case .badServiceURL, .badProfile: .usage
        case .badCache: .cannotCreate
        default: .unavailable
        }
    }
}
