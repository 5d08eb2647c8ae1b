// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Crypto
import SwiftASN1

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A decoded certificate revocation list, as written (RFC 5280 section 5).
struct CertificateRevocationList: Sendable {
    /// Most bytes of a list, in any form.
    static let maximumSize = 4 << 20

    /// Digest of the part that is signed.
    let signedDigest: SHA256Digest
    let signatureAlgorithms: [ArraySlice<UInt8>]
    let signature: ArraySlice<UInt8>
    let issuer: ArraySlice<UInt8>
    let issuerCommonName: String
    let thisUpdate: Date
    let nextUpdate: Date
    let revoked: [SerialNumber]

    /// Whether a certificate with this serial number is in the list.
    func revokes(_ certificate: PKICertificate) -> Bool { self.revoked.contains { $0.magnitude == certificate.serialNumber.magnitude } }

    /// Decodes a list in any form that services hand out: DER, PEM (`X509 CRL`), hexadecimal text of the DER.
    init(decoding received: [UInt8]) throws(CollateralError) {
        guard received.count <= Self.maximumSize else { throw CollateralError("\(received.count) bytes, at most \(Self.maximumSize) are read") }
        let der = try Self.der(from: received)
        do {
            self = try DER.sequence(DER.parse(der), identifier: .sequence) { nodes in
                guard let signed = nodes.next(), let algorithm = nodes.next() else { throw CollateralError("revocation list is not complete") }
                let signature = try ASN1BitString(derEncoded: &nodes)
                return try CertificateRevocationList(signed: signed, algorithm: algorithm.encodedBytes, signature: signature.bytes)
            }
        } catch let error as CollateralError {
            throw error
        } catch {
            throw CollateralError("revocation list is not DER: \(error)")
        }
    }

    private init(signed: ASN1Node, algorithm: ArraySlice<UInt8>, signature: ArraySlice<UInt8>) throws {
        self = try DER.sequence(signed, identifier: .sequence) { nodes in
            guard try Int(derEncoded: &nodes) == 1 else { throw CollateralError("revocation list is not of version 2") }
            guard let innerAlgorithm = nodes.next(), let issuer = nodes.next(), let thisUpdate = nodes.next(), let nextUpdate = nodes.next() else {
                throw CollateralError("revocation list is not complete")
            }
            guard X509Time.isTime(nextUpdate) else { throw CollateralError("revocation list has no next update") }
            var next = nodes.next()
            var revoked: [SerialNumber] = []
            if let entries = next, entries.identifier == .sequence {
                revoked = try Self.entries(entries)
                next = nodes.next()
            }
            try Self.checkExtensions(next)
            return CertificateRevocationList(
                signedDigest: SHA256.hash(data: signed.encodedBytes), signatureAlgorithms: [innerAlgorithm.encodedBytes, algorithm],
                signature: signature,
                issuer: issuer.encodedBytes, issuerCommonName: try DistinguishedNames.commonName(issuer) ?? "",
                thisUpdate: try X509Time.date(thisUpdate), nextUpdate: try X509Time.date(nextUpdate), revoked: revoked)
        }
    }

    private init(
        signedDigest: SHA256Digest, signatureAlgorithms: [ArraySlice<UInt8>], signature: ArraySlice<UInt8>, issuer: ArraySlice<UInt8>,
        issuerCommonName: String, thisUpdate: Date, nextUpdate: Date, revoked: [SerialNumber]
    ) {
        self.signedDigest = signedDigest
        self.signatureAlgorithms = signatureAlgorithms
        self.signature = signature
        self.issuer = issuer
        self.issuerCommonName = issuerCommonName
        self.thisUpdate = thisUpdate
        self.nextUpdate = nextUpdate
        self.revoked = revoked
    }

    private static func entries(_ node: ASN1Node) throws -> [SerialNumber] {
        guard case .constructed(let entries) = node.content else { throw CollateralError("revoked certificates are not a SEQUENCE") }
        return try entries.map { entry in
            try DER.sequence(entry, identifier: .sequence) { nodes in
                guard let serial = nodes.next(), let time = nodes.next(), X509Time.isTime(time) else {
                    throw CollateralError("an entry of the revocation list is not complete")
                }
                // An entry may be about another issuer's certificate only with a critical extension, which is not known here.
                if let extensions = nodes.next(),
                    let unknown = try X509Extension.list(extensions)
                        .unknownCritical(known: [ObjectIdentifiers.reasonCode, ObjectIdentifiers.invalidityDate])
                {
                    throw CollateralError("unknown critical extension \(unknown) in an entry of the revocation list")
                }
                return try SerialNumber(derEncoded: serial)
            }
        }
    }

    /// Lists that cover only a part (deltas, distribution points) say so in critical extensions, which are refused.
    private static func checkExtensions(_ node: ASN1Node?) throws {
        guard let node, node.identifier == ASN1Identifier(tagWithNumber: 0, tagClass: .contextSpecific),
            case .constructed(let content) = node.content
        else { throw CollateralError("revocation list has no extensions") }
        var iterator = content.makeIterator()
        guard let list = iterator.next(), iterator.next() == nil else { throw CollateralError("extensions of the revocation list are malformed") }
        let extensions = try X509Extension.list(list)
        let known = [ObjectIdentifiers.crlNumber, ObjectIdentifiers.authorityKeyIdentifier]
        guard known.allSatisfy({ extensions[$0] != nil }) else {
            throw CollateralError("revocation list lacks its number or its authority key identifier")
        }
        if let unknown = extensions.unknownCritical(known: known) {
            throw CollateralError("unknown critical extension \(unknown) in the revocation list")
        }
    }

    private static func der(from received: [UInt8]) throws(CollateralError) -> [UInt8] {
        if received.first == 0x30 { return received }
        if received.starts(with: Array("-----BEGIN".utf8)) {
            let blocks = try PEMBlocks(decoding: received, label: "X509 CRL").blocks
            guard let only = blocks.first, blocks.count == 1 else { throw CollateralError("\(blocks.count) PEM blocks instead of one") }
            return only
        }
        if self.isHexadecimal(received), let der = [UInt8](hex: String(decoding: self.trimmed(received), as: UTF8.self)) { return der }
        throw CollateralError("neither DER, nor PEM, nor hexadecimal text of DER")
    }
}

extension CertificateRevocationList {
    /// Whether this is hexadecimal text of DER: digits only, beginning with "30".
    private static func isHexadecimal(_ received: [UInt8]) -> Bool {
        let text = self.trimmed(received)
        return text.starts(with: [UInt8(ascii: "3"), UInt8(ascii: "0")]) && text.allSatisfy { Character(UnicodeScalar($0)).isHexDigit }
    }

    /// Without white space and NUL bytes at the end, which C structures leave there.
    private static func trimmed(_ received: [UInt8]) -> ArraySlice<UInt8> {
        received[..<((received.lastIndex { ![0x00, 0x0a, 0x0d, 0x20].contains($0) } ?? -1) + 1)]
    }
}
