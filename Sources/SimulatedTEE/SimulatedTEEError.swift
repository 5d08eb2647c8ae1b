// SPDX-License-Identifier: Apache-2.0

package import ByteCoding

/// Why the software TEE could not do what was asked.
public struct SimulatedTEEError: Error, Hashable, Sendable {
    /// What kind of failure it is; more may be added.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The code's name in kebab case.
        public let description: String
        private init(_ description: String) { self.description = description }

        /// A folder does not hold a simulated platform, or not a whole one.
        public static let unreadablePlatform = Code("unreadable-platform")
        /// A folder that was to be replaced holds something else.
        public static let notReplaceable = Code("not-a-simulated-platform")
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

extension SimulatedTEEError: DiagnosableError {
    package var identifier: String { self.code.description }

    package var remedy: String? {
        self.code == .notReplaceable
            ? "name another folder, or remove this one yourself"
            : "make a simulated platform with `sealwright simulate init --output DIR` and name its folder"
    }

    package var exitStatus: ExitStatus { self.code == .notReplaceable ? .cannotCreate : .badData }
}
