// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Crypto
import SecretProvisioning

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A challenge that somebody answered.
struct Challenge: Hashable, Sendable {
    /// The broker's bytes, as they came back.
    let nonce: [UInt8]
    /// When it ends, in milliseconds since 1970.
    let expiration: Int64
    /// When it was answered, in milliseconds since 1970.
    let answeredAt: Int64
}

/// Gives out challenges and knows them again without keeping any.
///
/// A nonce says when it ends and is authenticated, so that giving out a million costs no memory. What has been used is remembered by the
/// store (``UsedChallenges``), which is bounded by the number of answers that verified.
struct ChallengeIssuer: Sendable {
    /// Why a nonce is not taken.
    enum Fault: Error, Hashable {
        /// Not given out by a broker of this store.
        case foreign
        /// Its time has passed.
        case expired
        /// It ends later than any that could have been given out by now: the clock was turned back.
        case fromTheFuture
    }

    /// Time to make a quote and send it.
    static let lifetime: Int64 = 120_000

    private static let randomSize = 16
    private static let tagSize = 32
    private let key: SymmetricKey

    init(key: SymmetricKey) { self.key = key }

    /// A new challenge: end (8 bytes, most significant first), random bytes (16), HMAC-SHA256 of both (32).
    func issue(at time: Date) -> (nonce: [UInt8], expiration: Date) {
        let expiration = time.milliseconds + Self.lifetime
        let body = (0..<8).map { UInt8(truncatingIfNeeded: expiration >> (56 - 8 * $0)) } + RandomBytes.make(Self.randomSize)
        return (body + Array(HMAC<SHA256>.authenticationCode(for: body, using: self.key)), Date(milliseconds: expiration))
    }

    /// Knows a challenge again.
    func check(_ nonce: [UInt8], at time: Date) throws(Fault) -> Challenge {
        guard nonce.count == ReleaseBinding.nonceSize else { throw .foreign }
        let body = nonce.dropLast(Self.tagSize)
        let tag = nonce.suffix(Self.tagSize)
        guard HMAC<SHA256>.isValidAuthenticationCode(tag, authenticating: body, using: self.key) else { throw .foreign }
        let expiration = body.prefix(8).reduce(Int64(0)) { $0 << 8 | Int64($1) }
        let now = time.milliseconds
        guard now < expiration else { throw .expired }
        guard expiration - now <= Self.lifetime else { throw .fromTheFuture }
        return Challenge(nonce: nonce, expiration: expiration, answeredAt: now)
    }
}
