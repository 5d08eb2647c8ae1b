// SPDX-License-Identifier: Apache-2.0

/// What a key broker releases, and to whom: the owner's word, one file.
public struct Policy: Hashable, Sendable {
    /// The one version of the file format.
    public static let version = 1

    /// The file it was read from, as given.
    public let file: String
    /// What can be released, in the file's order.
    public let secrets: [SecretDescription]
    /// Under which conditions, in the file's order: the first rule that matches decides.
    public let rules: [ReleaseRule]
    /// Who learns why something was refused.
    public let explanation: Explanation
    /// SHA-256 digest of the file.
    public let sha256: EvidenceDigest

    /// Who learns why something was refused.
    public enum Explanation: String, Hashable, Sendable, Codable, CaseIterable {
        /// The operator alone: to a peer all refusals look alike.
        case none
        /// The peer, too, where its protocol can say it (HTTPS).
        case peer
    }

    /// The secret of that name.
    public func secret(named name: String) -> SecretDescription? { self.secrets.first { $0.name == name } }

    init(file: String, secrets: [SecretDescription], rules: [ReleaseRule], explanation: Explanation, sha256: EvidenceDigest) {
        self.file = file
        self.secrets = secrets
        self.rules = rules
        self.explanation = explanation
        self.sha256 = sha256
    }
}
