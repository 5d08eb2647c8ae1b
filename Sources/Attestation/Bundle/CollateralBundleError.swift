// SPDX-License-Identifier: Apache-2.0

package import ByteCoding

/// Why a bundle of collateral could not be read, or holds nothing that is of use.
public struct CollateralBundleError: Error, Hashable, Sendable {
    /// What kind of failure it is; more may be added.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The code's name in kebab case.
        public let description: String
        private init(_ description: String) { self.description = description }

        /// The bytes are not a bundle.
        public static let malformed = Code("bundle-malformed")
        /// A bundle of a version that is not known here.
        public static let unknownVersion = Code("bundle-version")
        /// Collateral that cannot be put into a bundle, since it is no text.
        public static let notText = Code("collateral-not-text")
        /// The bundle has nothing for a platform.
        public static let noEntry = Code("bundle-no-entry")
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

extension CollateralBundleError: DiagnosableError {
    package var identifier: String { self.code.description }

    package var remedy: String? {
        switch self.code {
        case .malformed: "make the bundle again with `sealwright collateral export`"
        case .unknownVersion: "use the version of sealwright that wrote the bundle, or a later one"
        case .notText: "fetch the collateral again; it must be kept byte for byte as the service sent it"
        default: "fetch the platform's collateral (`sealwright collateral fetch --quote QUOTE --cache DIR`) and export it again"
        }
    }

    package var exitStatus: ExitStatus { self.code == .noEntry ? .noInput : .badData }
}
