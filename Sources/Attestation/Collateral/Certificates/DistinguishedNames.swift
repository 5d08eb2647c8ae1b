// SPDX-License-Identifier: Apache-2.0

import SwiftASN1

/// Looks into encoded names (RFC 5280 section 4.1.2.4).
enum DistinguishedNames {
    /// The last common name in a name, if it has one.
    static func commonName(_ name: ASN1Node) throws -> String? {
        guard name.identifier == .sequence, case .constructed(let sets) = name.content else { throw CollateralError("a name is not a SEQUENCE") }
        var found: String?
        for set in sets {
            guard set.identifier == .set, case .constructed(let attributes) = set.content else {
                throw CollateralError("a relative distinguished name is not a SET")
            }
            for attribute in attributes {
                try DER.sequence(attribute, identifier: .sequence) { nodes in
                    let type = try ASN1ObjectIdentifier(derEncoded: &nodes)
                    guard let value = nodes.next() else { throw CollateralError("a name's attribute has no value") }
                    if type == ObjectIdentifiers.commonName, case .primitive(let bytes) = value.content {
                        found = String(decoding: bytes, as: UTF8.self)
                    }
                }
            }
        }
        return found
    }
}
