// SPDX-License-Identifier: Apache-2.0

package import ByteCoding

/// Why a certificate could not be read as evidence, or evidence could not be made.
public struct EvidenceError: Error, Hashable, Sendable {
    /// What kind of failure it is; more may be added.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Value: String { case malformedCertificate, unsupportedKey, noEvidence, malformedEvidence, missingKeyHash, cannotMake }
        private let value: Value
        private init(_ value: Value) { self.value = value }

        /// The bytes are not an X.509 certificate.
        public static let malformedCertificate = Code(.malformedCertificate)
        /// The certificate's key is of a kind that RA-TLS does not use.
        public static let unsupportedKey = Code(.unsupportedKey)
        /// The certificate has neither of the extensions that hold a quote.
        public static let noEvidence = Code(.noEvidence)
        /// The extension with the quote is not of its format.
        public static let malformedEvidence = Code(.malformedEvidence)
        /// The claims beside the quote do not bind it to a key.
        public static let missingKeyHash = Code(.missingKeyHash)
        /// A certificate with evidence could not be made.
        public static let cannotMake = Code(.cannotMake)

        /// The code's name in kebab case.
        public var description: String {
            switch self.value {
            case .malformedCertificate: "malformed-certificate"
            case .unsupportedKey: "unsupported-key"
            case .noEvidence: "no-evidence"
            case .malformedEvidence: "malformed-evidence"
            case .missingKeyHash: "missing-key-hash"
            case .cannotMake: "cannot-make-evidence"
            }
        }
    }

    /// What kind of failure it is.
    public let code: Code
    /// What was wrong and where.
    public let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

extension EvidenceError: DiagnosableError {
    package var identifier: String { self.code.description }

    package var remedy: String? {
        switch self.code {
        case .malformedCertificate: "pass an X.509 certificate in DER"
        case .unsupportedKey: "use a client that makes RSA-3072, P-256 or P-384 keys, as every version of Gramine's RA-TLS does"
        case .noEvidence: "the peer must connect with an RA-TLS certificate: run it in an enclave, with remote attestation enabled in its manifest"
        case .malformedEvidence: "the peer's RA-TLS library writes a form that is unknown here; compare its version with those that are supported"
        case .missingKeyHash: "the peer's claims must hold `pubkey-hash`; without it a quote could be used with any key"
        default: nil
        }
    }

    package var exitStatus: ExitStatus { self.code == .cannotMake ? .software : .badData }
}
