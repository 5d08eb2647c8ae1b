// SPDX-License-Identifier: Apache-2.0

package import ByteCoding

/// Why bytes are not a SIGSTRUCT.
public struct SigstructError: Error, Hashable, Sendable {
    /// What kind of fault it is.
    public let code: Code
    /// What was wrong and where.
    public let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

extension SigstructError {
    /// The kinds of faults.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// Stable name in kebab case.
        public let description: String

        /// There are more or fewer bytes than 1808.
        public static let wrongSize = Self(description: "sigstruct-size")
        /// HEADER or HEADER2 is not what every SIGSTRUCT has.
        public static let wrongHeader = Self(description: "sigstruct-header")
        /// Bytes that have to be zero are not.
        public static let reservedBytes = Self(description: "sigstruct-reserved")
    }
}

extension SigstructError: DiagnosableError {
    package var identifier: String { self.code.description }
    package var exitStatus: ExitStatus { .badData }
    package var remedy: String? { "give the .sig file that `gramine-sgx-sign` writes beside the .manifest.sgx, unchanged" }
}
