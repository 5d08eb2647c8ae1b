// SPDX-License-Identifier: Apache-2.0

import Attestation
import ByteCoding
import Crypto
import Synchronization

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Collateral as the store keeps it: one string of bytes, each piece after its length, the optional one with a mark whether it is there.
struct EncodedCollateral: Hashable, Sendable {
    let collateral: Collateral
    let content: Data
    /// SHA-256 digest of the content.
    let digest: Data

    init(_ collateral: Collateral) {
        let content = Self.encode(collateral)
        self.collateral = collateral
        self.content = Data(content)
        self.digest = Data(SHA256.hash(data: content))
    }

    /// Reads what the store kept; `nil` if it was changed.
    init?(content: Data, digest: Data) {
        guard Data(SHA256.hash(data: content)) == digest, let collateral = try? Self.decode([UInt8](content)) else { return nil }
        self.collateral = collateral
        self.content = content
        self.digest = digest
    }

    private static let version: UInt8 = 1

    private static func encode(_ collateral: Collateral) -> [UInt8] {
        var writer = ByteWriter()
        writer.write([Self.version])
        for piece in [
            collateral.tcbInfo, collateral.tcbInfoIssuerChain, collateral.qeIdentity, collateral.qeIdentityIssuerChain, collateral.pckCRL,
            collateral.pckCRLIssuerChain, collateral.rootCACRL,
        ] {
            Self.write(piece, to: &writer)
        }
        writer.write([collateral.pckChain == nil ? 0 : 1])
        if let chain = collateral.pckChain { Self.write(chain, to: &writer) }
        return writer.bytes
    }

    private static func write(_ piece: [UInt8], to writer: inout ByteWriter) {
        writer.writeBigEndian(UInt32(truncatingIfNeeded: piece.count))
        writer.write(piece)
    }

    private static func decode(_ bytes: [UInt8]) throws -> Collateral {
        var reader = ByteReader(bytes.span)
        guard try reader.readUInt8() == Self.version else { throw KeyBrokerError(.storeDamaged, "collateral of an unknown version") }
        var pieces: [[UInt8]] = []
        for _ in 0..<7 { pieces.append(try reader.readArray(Int(try reader.readBigEndian(UInt32.self)))) }
        let hasChain = try reader.readUInt8() == 1
        let chain = hasChain ? try reader.readArray(Int(try reader.readBigEndian(UInt32.self))) : nil
        try reader.requireEnd()
        return Collateral(
            tcbInfo: pieces[0], tcbInfoIssuerChain: pieces[1], qeIdentity: pieces[2], qeIdentityIssuerChain: pieces[3], pckCRL: pieces[4],
            pckCRLIssuerChain: pieces[5], rootCACRL: pieces[6], pckChain: chain)
    }
}

/// Encodes collateral for the store, and the same collateral once.
final class CollateralEncoder: Sendable {
    private let latest = Mutex<EncodedCollateral?>(nil)

    func encode(_ collateral: Collateral) -> EncodedCollateral {
        // A cache hands out the same arrays, which are compared by their address.
        if let latest = self.latest.withLock({ $0 }), latest.collateral == collateral { return latest }
        let encoded = EncodedCollateral(collateral)
        self.latest.withLock { $0 = encoded }
        return encoded
    }
}
