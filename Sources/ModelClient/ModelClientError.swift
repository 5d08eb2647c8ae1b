// SPDX-License-Identifier: Apache-2.0

package import ByteCoding

/// Why a model could not be asked, or did not answer.
public struct ModelClientError: Error, Hashable, Sendable {
    /// What kind of failure it was.
    public struct Code: Hashable, Sendable {
        package let identifier: String
        package let exitStatus: ExitStatus

        /// The server cannot be reached, or did not answer in time.
        public static let unreachable = Code("server-unreachable", .unavailable)
        /// The server's certificate is not one to trust: of another CA, for another name, out of date.
        public static let untrustedServer = Code("untrusted-server", .refused)
        /// The server refuses the client: no certificate, or one that it does not trust.
        public static let refusedByServer = Code("refused-by-server", .refused)
        /// A certificate, CA or key that cannot be used.
        public static let badCredentials = Code("bad-credentials", .badData)
        /// The server does not serve the model, the version or the signature.
        public static let noSuchModel = Code("no-such-model", .noInput)
        /// An input that the signature has was not given.
        public static let missingInput = Code("missing-input", .usage)
        /// An input was given that the signature does not have.
        public static let unknownInput = Code("unknown-input", .usage)
        /// An input's value cannot be made a tensor of the signature's type and shape.
        public static let badInput = Code("bad-input", .badData)
        /// The server refused the request.
        public static let requestRefused = Code("request-refused", .badData)
        /// The server failed while it answered.
        public static let serverFailed = Code("server-failed", .unavailable)
        /// The answer cannot be read.
        public static let badAnswer = Code("bad-answer", .badData)

        private init(_ identifier: String, _ exitStatus: ExitStatus) {
            self.identifier = identifier
            self.exitStatus = exitStatus
        }
    }

    /// What kind of failure it was.
    public let code: Code
    /// What was wrong and where.
    public let message: String
    /// What can be done about it, where that is known.
    public let remedy: String?

    package init(_ code: Code, _ message: String, remedy: String? = nil) {
        self.code = code
        self.message = message
        self.remedy = remedy
    }
}

extension ModelClientError: DiagnosableError {
    package var identifier: String { self.code.identifier }
    package var exitStatus: ExitStatus { self.code.exitStatus }
}
