// SPDX-License-Identifier: Apache-2.0

import SwiftASN1

/// An extension of a certificate, a revocation list or one of its entries (RFC 5280 section 4.1.2.9).
struct X509Extension: Sendable {
    let identifier: ASN1ObjectIdentifier
    let isCritical: Bool
    let value: ArraySlice<UInt8>

    /// Most extensions in one list.
    static let maximumCount = 32

    init(derEncoded node: ASN1Node) throws {
        self = try DER.sequence(node, identifier: .sequence) { nodes in
            let identifier = try ASN1ObjectIdentifier(derEncoded: &nodes)
            let isCritical = try DER.decodeDefault(&nodes, defaultValue: false)
            return X509Extension(identifier: identifier, isCritical: isCritical, value: try ASN1OctetString(derEncoded: &nodes).bytes)
        }
    }

    private init(identifier: ASN1ObjectIdentifier, isCritical: Bool, value: ArraySlice<UInt8>) {
        self.identifier = identifier
        self.isCritical = isCritical
        self.value = value
    }

    /// Reads a SEQUENCE OF extensions, none of them twice.
    static func list(_ node: ASN1Node) throws -> [X509Extension] {
        guard node.identifier == .sequence, case .constructed(let nodes) = node.content else {
            throw CollateralError("extensions are not a SEQUENCE")
        }
        var extensions: [X509Extension] = []
        for node in nodes {
            guard extensions.count < self.maximumCount else { throw CollateralError("more than \(self.maximumCount) extensions") }
            let one = try X509Extension(derEncoded: node)
            guard !extensions.contains(where: { $0.identifier == one.identifier }) else {
                throw CollateralError("extension \(one.identifier) occurs twice")
            }
            extensions.append(one)
        }
        return extensions
    }
}

extension [X509Extension] {
    subscript(identifier: ASN1ObjectIdentifier) -> X509Extension? { self.first { $0.identifier == identifier } }

    /// The first critical extension that is not among `known`.
    func unknownCritical(known: [ASN1ObjectIdentifier]) -> ASN1ObjectIdentifier? {
        self.first { $0.isCritical && !known.contains($0.identifier) }?.identifier
    }
}

/// Object identifiers of RFC 5280 and of Intel's PCK certificates.
enum ObjectIdentifiers {
    static let subjectKeyIdentifier: ASN1ObjectIdentifier = [2, 5, 29, 14]
    static let keyUsage: ASN1ObjectIdentifier = [2, 5, 29, 15]
    static let basicConstraints: ASN1ObjectIdentifier = [2, 5, 29, 19]
    static let crlNumber: ASN1ObjectIdentifier = [2, 5, 29, 20]
    static let reasonCode: ASN1ObjectIdentifier = [2, 5, 29, 21]
    static let invalidityDate: ASN1ObjectIdentifier = [2, 5, 29, 24]
    static let crlDistributionPoints: ASN1ObjectIdentifier = [2, 5, 29, 31]
    static let authorityKeyIdentifier: ASN1ObjectIdentifier = [2, 5, 29, 35]
    static let commonName: ASN1ObjectIdentifier = [2, 5, 4, 3]
    static let sgx: ASN1ObjectIdentifier = [1, 2, 840, 113741, 1, 13, 1]
}
