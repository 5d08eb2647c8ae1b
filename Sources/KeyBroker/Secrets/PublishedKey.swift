// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Crypto

/// A key that lies in a public repository, so that everybody has it.
///
/// Recognised by a digest, for a list of keys would be one more place to copy them from. The two files of the Confidential Computing Zoo
/// could be read as text only, in which unprintable bytes are lost: their digests are of those bytes that are certain. Nine of sixteen leave no
/// room for chance, but a digest of the whole file would be better. (Gramine's own secret-provisioning example makes its key anew each time.)
package struct PublishedKey: Sendable {
    /// Where it was published.
    package let source: String
    /// Positions of the bytes that are digested.
    private let positions: [Int]
    private let sha256: String

    static let all: [PublishedKey] = [
        // 16 bytes, positions that are printable in the file's text.
        PublishedKey(
            source: "Confidential Computing Zoo, TensorFlow Serving example (docker/client/files/wrap_key)",
            positions: [0, 3, 4, 5, 6, 8, 9, 11, 12, 13, 14, 15],
            sha256: "91e12df6e086085cff827d3e96a9a04fe17e543168c776d36bfcb36126b896ae"),
        PublishedKey(
            source: "Confidential Computing Zoo, TensorFlow Serving example (docker/client/files/wrap-key)",
            positions: [0, 5, 6, 7, 8, 9, 10, 11, 12],
            sha256: "df8e012b29c5af51342455ea13f7f626c18e11d1378d7a7877f7aeb6640f1cc6"),
        PublishedKey(
            source: "Gramine's documentation and examples (ffeeddcc...)", positions: Array(0..<16),
            sha256: "811407f10d6c0f49a056cc8c01a15e42816b9d39df858e9f6c05fc5c9189b136"),
        PublishedKey(
            source: "the counting key of countless examples (00112233...)", positions: Array(0..<16),
            sha256: "a8faed6abbf35c12a4b26e40f6feb19d736d90045c83b9f9a31f638d323e6811"),
    ]

    /// The published key that these bytes are, if they are one.
    package static func match(_ key: Span<UInt8>) -> PublishedKey? {
        guard key.count == StoredSecret.wrapKeySize else { return nil }
        return self.all.first { published in
            var bytes = published.positions.map { key[$0] }
            defer { wipe(&bytes) }
            return SHA256.hash(data: bytes).hexString == published.sha256
        }
    }

    /// Refuses a secret that everybody has.
    static func refuse(_ key: Span<UInt8>, name: String) throws(KeyBrokerError) {
        if let published = Self.match(key) {
            throw KeyBrokerError(
                .publishedKey, "the secret `\(name)` is a key that was published: \(published.source)",
                remedy: "make a new one (sealwright key generate), and seal again what was sealed with this one")
        }
    }
}
