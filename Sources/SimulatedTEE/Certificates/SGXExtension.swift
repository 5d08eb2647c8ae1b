// SPDX-License-Identifier: Apache-2.0

import Attestation
import SwiftASN1
import X509

/// The extension of PCK certificates that describes the platform (Intel's 1.2.840.113741.1.13.1).
enum SGXExtension {
    private static let identifier: [UInt] = [1, 2, 840, 113741, 1, 13, 1]

    static func make(_ hardware: SimulatedHardware) throws -> Certificate.Extension {
        var serializer = DER.Serializer()
        try serializer.appendConstructedNode(identifier: .sequence) { fields in
            try Self.field([1], in: &fields) { Self.octets(hardware.ppid.bytes, in: &$0) }
            try Self.field([2], in: &fields) { try Self.tcb(in: &$0) }
            try Self.field([3], in: &fields) { Self.octets(hardware.pceID.bytes, in: &$0) }
            try Self.field([4], in: &fields) { Self.octets(hardware.fmspc.bytes, in: &$0) }
            // SGX type 1: scalable, as on the server processors with a Platform CA.
            try Self.field([5], in: &fields) { $0.appendPrimitiveNode(identifier: .enumerated) { $0.append(1) } }
            try Self.field([6], in: &fields) { Self.octets(hardware.platformInstanceID.bytes, in: &$0) }
            try Self.field([7], in: &fields) { try Self.configuration(in: &$0) }
        }
        return Certificate.Extension(
            oid: try ASN1ObjectIdentifier(elements: Self.identifier), critical: false, value: serializer.serializedBytes[...])
    }

    private static func tcb(in serializer: inout DER.Serializer) throws {
        try serializer.appendConstructedNode(identifier: .sequence) { fields in
            for (index, component) in SimulatedHardware.tcbComponents.enumerated() {
                try Self.field([2, UInt(index + 1)], in: &fields) { try $0.serialize(Int(component)) }
            }
            try Self.field([2, 17], in: &fields) { try $0.serialize(Int(SimulatedHardware.pceSVN)) }
            try Self.field([2, 18], in: &fields) { Self.octets(SimulatedHardware.tcbComponents, in: &$0) }
        }
    }

    private static func configuration(in serializer: inout DER.Serializer) throws {
        try serializer.appendConstructedNode(identifier: .sequence) { fields in
            for number: UInt in 1...3 { try Self.field([7, number], in: &fields) { try $0.serialize(number == 3) } }
        }
    }

    private static func field(
        _ suffix: [UInt], in serializer: inout DER.Serializer, _ value: (inout DER.Serializer) throws -> Void
    ) throws {
        try serializer.appendConstructedNode(identifier: .sequence) { field in
            try field.serialize(ASN1ObjectIdentifier(elements: Self.identifier + suffix))
            try value(&field)
        }
    }

    private static func octets(_ bytes: [UInt8], in serializer: inout DER.Serializer) {
        serializer.appendPrimitiveNode(identifier: .octetString) { $0.append(contentsOf: bytes) }
    }
}
