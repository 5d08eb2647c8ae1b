// SPDX-License-Identifier: Apache-2.0

package import ByteCoding

/// Why a quote could not be made.
public struct QuoteSourceError: Error, Hashable, Sendable {
    /// What kind of failure it is; more may be added.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The code's name in kebab case.
        public let description: String
        private init(_ description: String) { self.description = description }

        /// There is no trusted execution environment to be found.
        public static let notInEnclave = Code("not-in-enclave")
        /// The environment is there but its attestation is switched off, or of a kind without DCAP quotes.
        public static let attestationDisabled = Code("attestation-disabled")
        /// The device did not take the report data or did not give a quote.
        public static let deviceFailed = Code("quote-device-failed")
        /// The device gave something that is not a quote for the report data.
        public static let unusableQuote = Code("unusable-quote")
    }

    /// What kind of failure it is.
    public let code: Code
    /// What was wrong and where.
    public let message: String
    /// What to do about it.
    package let remedy: String?

    init(_ code: Code, _ message: String, remedy: String) {
        self.code = code
        self.message = message
        self.remedy = remedy
    }
}

extension QuoteSourceError: DiagnosableError {
    package var identifier: String { self.code.description }
    package var exitStatus: ExitStatus { self.code == .deviceFailed ? .inputOutput : .unavailable }
}
