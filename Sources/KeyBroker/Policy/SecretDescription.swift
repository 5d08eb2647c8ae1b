// SPDX-License-Identifier: Apache-2.0

/// A secret as the policy describes it: everything but its bytes.
public struct SecretDescription: Hashable, Sendable {
    /// How the bytes of a secret travel.
    public enum Encoding: String, Hashable, Sendable, Codable, CaseIterable {
        /// As they are: Gramine 1.3 and later, with `SECRET_PROVISION_SET_KEY`.
        case raw
        /// Two hexadecimal digits a byte and a final NUL: the Graphene era, and Gramine 1.0 to 1.2. For wrap keys of 16 bytes.
        case hexNUL = "hex-nul"
    }

    /// What rules call it.
    public let name: String
    /// Path of the file with the secret.
    public let path: String
    /// How it travels.
    public let encoding: Encoding
    /// Whether it is never released on simulated evidence.
    ///
    /// True unless the policy says otherwise.
    public let isProduction: Bool
    /// Line of the policy file.
    public let line: Int

    init(name: String, path: String, encoding: Encoding, isProduction: Bool, line: Int) {
        self.name = name
        self.path = path
        self.encoding = encoding
        self.isProduction = isProduction
        self.line = line
    }
}
