// SPDX-License-Identifier: Apache-2.0

import Crypto

/// A revocation list whose every field a test may spoil before it is signed.
struct TestRevocationList {
    var issuer: String
    var serials: [[UInt8]] = []
    var entryExtensions: [UInt8] = []
    var version = 1
    /// When entries were revoked, encoded.
    var entryTime = DERBytes.utcTime("300610000000Z")
    var thisUpdate = "300610000000Z"
    var nextUpdate: String? = "300710000000Z"
    var algorithm = DERBytes.ecdsaWithSHA256
    var extensions = [
        DERBytes.extension([0x55, 0x1d, 0x14], DERBytes.number(1)),
        DERBytes.extension(TestCertificate.authorityKeyIdentifier, DERBytes.sequence()),
    ]

    init(issuer: String) { self.issuer = issuer }

    func encode(signedBy key: P256.Signing.PrivateKey) throws -> [UInt8] {
        let entries = self.serials.map {
            DERBytes.sequence(
                DERBytes.integer($0), self.entryTime,
                self.entryExtensions.isEmpty ? [] : DERBytes.sequence(self.entryExtensions))
        }
        let body = DERBytes.sequence(
            DERBytes.number(self.version), self.algorithm, DERBytes.name(self.issuer), DERBytes.utcTime(self.thisUpdate),
            self.nextUpdate.map(DERBytes.utcTime) ?? [], entries.isEmpty ? [] : DERBytes.tlv(0x30, entries.flatMap { $0 }),
            self.extensions.isEmpty ? [] : DERBytes.tlv(0xa0, DERBytes.tlv(0x30, self.extensions.flatMap { $0 })))
        return DERBytes.sequence(body, self.algorithm, DERBytes.bits(Array(try key.signature(for: body).derRepresentation)))
    }
}
