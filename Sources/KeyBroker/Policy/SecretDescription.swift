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

    /// Where the bytes of a secret are.
    public enum Source: Hashable, Sendable, CustomStringConvertible {
        /// In a file that only the broker may read.
        case file(String)
        /// In the broker's store, put there by `sealwright broker secrets put`.
        case store

        /// What it is, for people.
        public var description: String {
            switch self {
            case .file(let path): path
            case .store: "in the store"
            }
        }
    }

    /// The longest name, in bytes: what peers ask for is recorded, and so has an end.
    static let nameLimit = 256

    /// What rules call it.
    public let name: String
    /// Where its bytes are.
    public let source: Source
    /// How it travels over Gramine's protocol.
    public let encoding: Encoding
    /// Whether it is never released on simulated evidence.
    ///
    /// True unless the policy says otherwise.
    public let isProduction: Bool
    /// What its rules say about freshness, unless they say it themselves.
    public let freshness: ReleaseRule.Freshness
    /// Line of the policy file.
    public let line: Int

    init(name: String, source: Source, encoding: Encoding, isProduction: Bool, freshness: ReleaseRule.Freshness, line: Int) {
        self.name = name
        self.source = source
        self.encoding = encoding
        self.isProduction = isProduction
        self.freshness = freshness
        self.line = line
    }
}
