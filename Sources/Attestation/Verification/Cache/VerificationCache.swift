// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Crypto
import Synchronization

/// What earlier verifications found out that stays true for ever: that a signature is good, and what the bytes of PCK chains and collateral say.
///
/// Nothing that time or collateral can change is kept: validity, revocation, freshness and TCB levels are judged anew in each verification,
/// with the collateral that was given to it. So a cached result cannot outlive a `nextUpdate` or a newer revocation list.
///
/// Entries are found by the SHA-256 digest of everything that they depend on. The number of entries is bounded; the oldest unused go first.
public final class VerificationCache: Sendable {
    private let signatures: Mutex<Generations<Key, Void>>
    private let issuers: Mutex<Generations<Key, PKICertificate>>
    private let chains: Mutex<Generations<Key, PCKChain>>
    private let collateral: Mutex<Generations<Key, DecodedCollateral>>
    /// What was asked for last: a source hands out the same arrays again, and comparing those by their address costs less than a digest.
    private let latestCollateral = Mutex<(collateral: Collateral, decoded: DecodedCollateral)?>(nil)

    /// SHA-256 of what an entry depends on.
    private typealias Key = [UInt8]

    /// Makes an empty cache.
    ///
    /// - Parameters:
    ///   - signatureCapacity: number of good signatures to remember (some 100 bytes each).
    ///   - chainCapacity: number of decoded PCK chains to remember (some 10 KB each).
    ///   - collateralCapacity: number of pieces of decoded collateral to remember (some 100 KB each).
    public init(signatureCapacity: Int = 4096, chainCapacity: Int = 256, collateralCapacity: Int = 16) {
        self.signatures = Mutex(Generations(capacity: signatureCapacity))
        self.issuers = Mutex(Generations(capacity: Self.issuerCapacity))
        self.chains = Mutex(Generations(capacity: chainCapacity))
        self.collateral = Mutex(Generations(capacity: collateralCapacity))
    }

    /// Whether `signature` is by `key` over what has this digest; bad ones are checked each time.
    func isValid(_ signature: EncodedSignature, over digest: SHA256Digest, by key: VerifyingKey) -> Bool {
        // The key's size is fixed and the digest's too, so that no two signatures share an input of the hash.
        var hash = SHA256()
        hash.update(data: key.point)
        hash.update(data: Array(digest))
        hash.update(data: signature.bytes)
        let entry = Array(hash.finalize())
        if self.signatures.withLock({ $0.value(for: entry) != nil }) { return true }
        guard signature.isValid(over: digest, by: key) else { return false }
        self.signatures.withLock { $0.insert((), for: entry) }
        return true
    }

    /// Intel has four issuers; others bring their own.
    private static let issuerCapacity = 32

    /// A CA's certificate, decoded once.
    func issuer(derEncoded der: [UInt8]) throws(CollateralError) -> PKICertificate {
        let entry = Array(SHA256.hash(data: der))
        if let known = self.issuers.withLock({ $0.value(for: entry) }) { return known }
        let certificate = try PKICertificate(derEncoded: der)
        self.issuers.withLock { $0.insert(certificate, for: entry) }
        return certificate
    }

    /// A PCK chain, decoded once.
    func pckChain(pem: [UInt8]) throws(CollateralError) -> PCKChain {
        let entry = Array(SHA256.hash(data: pem))
        if let known = self.chains.withLock({ $0.value(for: entry) }) { return known }
        let chain = try PCKChain(pem: pem, cache: self)
        self.chains.withLock { $0.insert(chain, for: entry) }
        return chain
    }

    /// Most bytes of collateral that is remembered: genuine collateral is some 25 KB, and what is larger must not fill the memory.
    private static let maximumCollateralSize = 1 << 20

    /// The collateral, decoded once.
    func decoded(_ collateral: Collateral) -> DecodedCollateral {
        guard collateral.size <= Self.maximumCollateralSize else { return DecodedCollateral(collateral) }
        if let latest = self.latestCollateral.withLock({ $0 }), latest.collateral == collateral { return latest.decoded }
        let entry = collateral.digest
        let decoded = self.collateral.withLock { $0.value(for: entry) } ?? DecodedCollateral(collateral)
        self.collateral.withLock { $0.insert(decoded, for: entry) }
        self.latestCollateral.withLock { $0 = (collateral, decoded) }
        return decoded
    }
}

extension Collateral {
    private var pieces: [[UInt8]] {
        [
            self.tcbInfo, self.tcbInfoIssuerChain, self.qeIdentity, self.qeIdentityIssuerChain, self.pckCRL, self.pckCRLIssuerChain,
            self.rootCACRL, self.pckChain ?? [], [self.pckChain == nil ? 0 : 1],
        ]
    }

    fileprivate var size: Int { self.pieces.reduce(0) { $0 + $1.count } }

    /// Digest of every piece, each with its length before it, so that no two different ones share an input of the hash.
    fileprivate var digest: [UInt8] {
        var hash = SHA256()
        for piece in self.pieces {
            var length = ByteWriter(reservingCapacity: 8)
            length.writeLittleEndian(UInt64(piece.count))
            hash.update(data: length.bytes)
            hash.update(data: piece)
        }
        return Array(hash.finalize())
    }
}
