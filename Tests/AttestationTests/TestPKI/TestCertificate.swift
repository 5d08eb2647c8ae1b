// SPDX-License-Identifier: Apache-2.0

import Crypto

/// A certificate whose every field a test may spoil before it is signed.
struct TestCertificate {
    var version: UInt8 = 2
    var serial: [UInt8]
    var commonName: String
    var issuerName: String
    var notBefore = "280101000000Z"
    var notAfter = "350101000000Z"
    var algorithm = DERBytes.ecdsaWithSHA256
    var publicKey: [UInt8]
    /// By the last byte of their OIDs, 2.5.29.x; others under their own keys.
    var extensions: [(oid: [UInt8], encoded: [UInt8])]

    static let keyUsage: [UInt8] = [0x55, 0x1d, 0x0f]
    static let basicConstraints: [UInt8] = [0x55, 0x1d, 0x13]
    static let subjectKeyIdentifier: [UInt8] = [0x55, 0x1d, 0x0e]
    static let authorityKeyIdentifier: [UInt8] = [0x55, 0x1d, 0x23]
    static let crlDistributionPoints: [UInt8] = [0x55, 0x1d, 0x1f]
    static let sgx: [UInt8] = [0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d, 0x01]

    init(_ commonName: String, issuer: String, serial: UInt8, key: P256.Signing.PublicKey, pathLength: Int?) {
        self.serial = [serial]
        self.commonName = commonName
        self.issuerName = issuer
        self.publicKey = Self.publicKeyInfo(curve: [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07], point: Array(key.x963Representation))
        self.extensions = [
            (Self.authorityKeyIdentifier, DERBytes.extension(Self.authorityKeyIdentifier, DERBytes.sequence(DERBytes.tlv(0x80, [1, 2, 3])))),
            (Self.crlDistributionPoints, DERBytes.extension(Self.crlDistributionPoints, DERBytes.sequence())),
            (Self.subjectKeyIdentifier, DERBytes.extension(Self.subjectKeyIdentifier, DERBytes.octets([1, 2, 3]))),
        ]
        self.setKeyUsage(pathLength == nil ? 0xc0 : 0x06)
        self.setConstraints(isAuthority: pathLength != nil, pathLength: pathLength)
    }

    static func publicKeyInfo(curve: [UInt8], point: [UInt8]) -> [UInt8] {
        let algorithm = DERBytes.sequence(
            DERBytes.identifier([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01]), DERBytes.identifier(curve))
        return DERBytes.sequence(algorithm, DERBytes.bits(point))
    }

    mutating func set(_ oid: [UInt8], isCritical: Bool = false, _ value: [UInt8]) {
        self.remove(oid)
        self.extensions.append((oid, DERBytes.extension(oid, isCritical: isCritical, value)))
    }

    mutating func remove(_ oid: [UInt8]) { self.extensions.removeAll { $0.oid == oid } }

    mutating func setKeyUsage(_ bits: UInt8) {
        self.set(Self.keyUsage, isCritical: true, DERBytes.bits([bits], unused: UInt8(bits.trailingZeroBitCount)))
    }

    mutating func setConstraints(isAuthority: Bool, pathLength: Int?) {
        let value = DERBytes.sequence(isAuthority ? DERBytes.boolean(true) : [], pathLength.map(DERBytes.number) ?? [])
        self.set(Self.basicConstraints, isCritical: true, value)
    }

    func encode(signedBy key: P256.Signing.PrivateKey) throws -> [UInt8] {
        let body = DERBytes.sequence(
            self.version == 0 ? [] : DERBytes.tlv(0xa0, DERBytes.integer([self.version])), DERBytes.integer(self.serial), self.algorithm,
            DERBytes.name(self.issuerName), DERBytes.sequence(DERBytes.utcTime(self.notBefore), DERBytes.utcTime(self.notAfter)),
            DERBytes.name(self.commonName), self.publicKey,
            self.extensions.isEmpty ? [] : DERBytes.tlv(0xa3, DERBytes.tlv(0x30, self.extensions.flatMap(\.encoded))))
        return DERBytes.sequence(body, self.algorithm, DERBytes.bits(Array(try key.signature(for: body).derRepresentation)))
    }
}
