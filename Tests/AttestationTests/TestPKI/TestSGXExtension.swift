// SPDX-License-Identifier: Apache-2.0

/// The SGX extension of a PCK certificate, field by field.
struct TestSGXExtension {
    static let components: [UInt8] = [7, 7, 3, 3, 200, 1, 1, 5, 0, 0, 0, 0, 0, 0, 0, 0]

    var components = Self.components
    var cpuSVN = Self.components
    var pceSVN = 13
    var type: [UInt8] = [0x0a, 0x01, 0x01]
    var ppid = [UInt8](repeating: 9, count: 16)
    /// Fields that come after the others; repeats are the test's business.
    var extra: [[UInt8]] = []
    var omitted: Set<UInt8> = []

    static func field(_ arcs: [UInt8], _ value: [UInt8]) -> [UInt8] {
        DERBytes.sequence(DERBytes.identifier(TestCertificate.sgx + arcs), value)
    }

    func encode() -> [UInt8] {
        let components = self.components.enumerated().map { Self.field([2, UInt8($0.offset + 1)], DERBytes.number(Int($0.element))) }
        let tcb = components + [Self.field([2, 17], DERBytes.number(self.pceSVN)), Self.field([2, 18], DERBytes.octets(self.cpuSVN))]
        let fields: [(UInt8, [UInt8])] = [
            (1, DERBytes.octets(self.ppid)), (2, DERBytes.tlv(0x30, tcb.flatMap { $0 })), (3, DERBytes.octets([0, 0])),
            (4, DERBytes.octets([0x00, 0xa0, 0xb0, 0xc0, 0xd0, 0xe0])), (5, self.type),
        ]
        let kept = fields.filter { !self.omitted.contains($0.0) }.map { Self.field([$0.0], $0.1) }
        return DERBytes.tlv(0x30, (kept + self.extra).flatMap { $0 })
    }
}
