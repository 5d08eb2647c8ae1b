// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// The JSON bodies of the broker's HTTPS interface, as its OpenAPI document describes them; bytes are base64 (RFC 4648 section 4).
package enum ChallengeMessages {
    /// Where challenges are got: `POST`.
    package static let challengePath = "/v1/challenges"
    /// Where they are answered: `POST`.
    package static let releasePath = "/v1/releases"
    /// The media type of refusals (RFC 9457).
    package static let problemType = "application/problem+json"

    /// A one-time challenge.
    package struct Challenge: Hashable, Sendable, Codable {
        package let nonce: Data
        /// When it ends, RFC 3339.
        package let expires: String

        package init(nonce: Data, expires: String) {
            self.nonce = nonce
            self.expires = expires
        }
    }

    /// What an enclave sends.
    package struct ReleaseRequest: Hashable, Sendable, Codable {
        package let nonce: Data
        package let publicKey: Data
        package let quote: Data
        package let secrets: [String]?
        package let model: Data?

        package init(nonce: Data, publicKey: Data, quote: Data, secrets: [String]?, model: Data?) {
            self.nonce = nonce
            self.publicKey = publicKey
            self.quote = quote
            self.secrets = secrets
            self.model = model
        }
    }

    /// What it gets.
    package struct Release: Hashable, Sendable, Codable {
        package let encapsulatedKey: Data
        package let ciphertext: Data

        package init(encapsulatedKey: Data, ciphertext: Data) {
            self.encapsulatedKey = encapsulatedKey
            self.ciphertext = ciphertext
        }
    }

    /// What it gets instead (RFC 9457).
    package struct Problem: Hashable, Sendable, Codable {
        package let type: String
        package let title: String
        package let status: Int
        package let detail: String?
        /// The check that failed, where the policy lets a peer know.
        package let failedCheck: String?
        package let expected: String?
        package let found: String?
        package let remedy: String?

        package init(
            type: String, title: String, status: Int, detail: String? = nil, failedCheck: String? = nil, expected: String? = nil,
            found: String? = nil, remedy: String? = nil
        ) {
            self.type = type
            self.title = title
            self.status = status
            self.detail = detail
            self.failedCheck = failedCheck
            self.expected = expected
            self.found = found
            self.remedy = remedy
        }
    }
}
