// SPDX-License-Identifier: Apache-2.0

import Crypto

/// The envelope of TCB info and QE identity: an object, and a signature over the bytes of that object exactly as received.
struct SignedJSON: Sendable {
    /// The signed object, parsed out of the very bytes that are signed.
    let body: JSONObject
    /// Number of the bytes that ``signature`` covers, from the body's first brace to its last.
    let signedSize: Int
    /// Digest of these bytes.
    let signedDigest: SHA256Digest
    let signature: ECDSASignature

    /// Members that hold signed bodies; an envelope has exactly one of them.
    private static let bodyNames = ["tcbInfo", "enclaveIdentity"]

    /// Parses an envelope whose body is the member `name`.
    init(decoding envelope: [UInt8], body name: String) throws(CollateralError) {
        let object = try JSONParser.parse(envelope)
        if let other = Self.bodyNames.first(where: { $0 != name && object[$0] != nil }) {
            throw CollateralError("\"\(other)\" is not expected in an envelope of \"\(name)\"")
        }
        self.body = try object.object(name)
        self.signature = try object.hex("signature")
        self.signedSize = self.body.range.count
        self.signedDigest = SHA256.hash(data: envelope[self.body.range])
    }
}
