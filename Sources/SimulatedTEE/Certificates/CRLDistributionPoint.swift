// SPDX-License-Identifier: Apache-2.0

import SwiftASN1
import X509

/// The extension that says where a certificate's revocation list is (RFC 5280 section 4.2.1.13).
enum CRLDistributionPoint {
    static func make(_ address: String) throws -> Certificate.Extension {
        var serializer = DER.Serializer()
        let context = { (number: UInt) in ASN1Identifier(tagWithNumber: number, tagClass: .contextSpecific) }
        serializer.appendConstructedNode(identifier: .sequence) { points in
            points.appendConstructedNode(identifier: .sequence) { point in
                point.appendConstructedNode(identifier: context(0)) { name in
                    name.appendConstructedNode(identifier: context(0)) { fullName in
                        fullName.appendPrimitiveNode(identifier: context(6)) { $0.append(contentsOf: address.utf8) }
                    }
                }
            }
        }
        return Certificate.Extension(oid: [2, 5, 29, 31], critical: false, value: serializer.serializedBytes[...])
    }
}
