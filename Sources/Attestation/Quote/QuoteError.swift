// SPDX-License-Identifier: Apache-2.0

package import ByteCoding

/// Why bytes are not a quote that this library reads.
public struct QuoteError: Error, Hashable, Sendable {
    /// What kind of fault it is.
    public let code: Code
    /// What was wrong and where.
    public let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

extension QuoteError {
    /// The kinds of faults.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// Stable name in kebab case.
        public let description: String

        /// The bytes end inside a field.
        public static let truncated = Self(description: "quote-truncated")
        /// There are more bytes than any quote has.
        public static let tooLarge = Self(description: "quote-too-large")
        /// A version, key type, TEE type, vendor or body that is not supported.
        public static let unsupported = Self(description: "quote-unsupported")
        /// Lengths inside the signature data do not fit together.
        public static let malformedSignatureData = Self(description: "quote-signature-data-malformed")
        /// A certification data type that cannot be used, or its content is malformed.
        public static let certificationData = Self(description: "quote-certification-data")
    }
}

extension QuoteError: DiagnosableError {
    package var identifier: String { self.code.description }
    package var exitStatus: ExitStatus { .badData }

    package var remedy: String? {
        switch self.code {
        case .unsupported:
            "supported are ECDSA-P256 quotes of versions 3, 4 and 5, of SGX enclaves and trust domains, made by Intel's quoting enclave"
        case .certificationData: "make the quote on a platform whose PCK certificate is provisioned, so that it embeds its certificate chain"
        default: "get the quote again; it must be the binary quote exactly as the quoting enclave returned it, not hex or base64 text"
        }
    }
}
