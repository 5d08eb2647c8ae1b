// SPDX-License-Identifier: Apache-2.0

import Crypto
import SwiftASN1
import X509

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A certificate revocation list of the simulated infrastructure (RFC 5280 section 5).
struct RevocationList {
    let issuer: SimulatedAuthority
    let revoked: [Certificate.SerialNumber]
    let validity: ClosedRange<Date>

    /// The signed list, DER.
    func encode() throws -> [UInt8] {
        var body = DER.Serializer()
        try self.writeBody(to: &body)
        let signature = try self.issuer.key.signature(for: body.serializedBytes)
        var list = DER.Serializer()
        try list.appendConstructedNode(identifier: .sequence) { list in
            list.serializeRawBytes(body.serializedBytes)
            try Self.writeAlgorithm(to: &list)
            try list.serialize(ASN1BitString(bytes: Array(signature.derRepresentation)[...]))
        }
        return list.serializedBytes
    }

    private func writeBody(to serializer: inout DER.Serializer) throws {
        try serializer.appendConstructedNode(identifier: .sequence) { body in
            try body.serialize(1)  // Version 2.
            try Self.writeAlgorithm(to: &body)
            try body.serialize(self.issuer.certificate.subject)
            try body.serialize(UTCTime(self.validity.lowerBound))
            try body.serialize(UTCTime(self.validity.upperBound))
            if !self.revoked.isEmpty {
                try body.appendConstructedNode(identifier: .sequence) { entries in
                    for serialNumber in self.revoked { try self.writeEntry(serialNumber, to: &entries) }
                }
            }
            try body.appendConstructedNode(identifier: ASN1Identifier(tagWithNumber: 0, tagClass: .contextSpecific)) { wrapper in
                try wrapper.appendConstructedNode(identifier: .sequence) { extensions in
                    let key = Certificate.PublicKey(self.issuer.key.publicKey)
                    let identifier = SubjectKeyIdentifier(hash: key).keyIdentifier
                    try extensions.serialize(Certificate.Extension(AuthorityKeyIdentifier(keyIdentifier: identifier), critical: false))
                    // CRL number 1.
                    try extensions.serialize(Certificate.Extension(oid: [2, 5, 29, 20], critical: false, value: [2, 1, 1]))
                }
            }
        }
    }

    private func writeEntry(_ serialNumber: Certificate.SerialNumber, to serializer: inout DER.Serializer) throws {
        try serializer.appendConstructedNode(identifier: .sequence) { entry in
            try entry.serialize(serialNumber.bytes)
            try entry.serialize(UTCTime(self.validity.lowerBound))
        }
    }

    /// ecdsa-with-SHA256.
    private static func writeAlgorithm(to serializer: inout DER.Serializer) throws {
        try serializer.appendConstructedNode(identifier: .sequence) { algorithm in
            try algorithm.serialize([1, 2, 840, 10045, 4, 3, 2] as ASN1ObjectIdentifier)
        }
    }
}

extension UTCTime {
    init(_ date: Date) throws {
        // "2026-11-24T03:05:48Z"
        let fields = date.formatted(.iso8601).split { !$0.isNumber }.compactMap { Int($0) }
        try self.init(year: fields[0], month: fields[1], day: fields[2], hours: fields[3], minutes: fields[4], seconds: fields[5])
    }
}
