// SPDX-License-Identifier: Apache-2.0

import Crypto

/// What the elliptic-curve arithmetic of one release costs, measured in the same run with the library that TLS and verification use.
///
/// Counted is what both sides do for one TLS 1.3 handshake with a P-384 client certificate and one verified quote.
struct Arithmetic {
    /// Microseconds of processor time for one operation on one core.
    let p256Sign, p256Verify, p384Sign, p384Verify, x25519: Double

    /// Client: signs the handshake.
    ///
    /// Broker: checks that signature and the certificate's own.
    static let p384Counts = (sign: 1.0, verify: 2.0)
    /// Broker: signs the handshake.
    ///
    /// Client: checks the handshake's signature and the broker's certificate. What the broker has verified before (the platform's certificates,
    /// revocation lists, TCB info, QE identity, this quote) it remembers, so none of that is counted.
    static let p256Counts = (sign: 1.0, verify: 2.0)
    /// Both sides make a key and agree on a secret.
    static let x25519Count = 4.0

    static func measure() -> Arithmetic {
        let message = [UInt8](repeating: 7, count: 100)
        let p256 = P256.Signing.PrivateKey()
        let p384 = P384.Signing.PrivateKey()
        let x25519 = Curve25519.KeyAgreement.PrivateKey()
        guard let signature256 = try? p256.signature(for: message), let signature384 = try? p384.signature(for: message) else {
            preconditionFailure("a fresh key signs")
        }
        return Arithmetic(
            p256Sign: Self.microseconds(2000) { _ = try? p256.signature(for: message) },
            p256Verify: Self.microseconds(2000) { _ = p256.publicKey.isValidSignature(signature256, for: message) },
            p384Sign: Self.microseconds(500) { _ = try? p384.signature(for: message) },
            p384Verify: Self.microseconds(500) { _ = p384.publicKey.isValidSignature(signature384, for: message) },
            x25519: Self.microseconds(2000) { _ = try? x25519.sharedSecretFromKeyAgreement(with: x25519.publicKey) })
    }

    private static func microseconds(_ count: Int, _ body: () -> Void) -> Double {
        let rounds = (0..<5).map { _ in
            ContinuousClock().measure { for _ in 0..<count { body() } } / .microseconds(1) / Double(count)
        }
        return rounds.sorted()[2]
    }

    /// Microseconds of one release in P-384.
    var p384: Double { Self.p384Counts.sign * self.p384Sign + Self.p384Counts.verify * self.p384Verify }
    /// Microseconds of one release in P-256.
    var p256: Double { Self.p256Counts.sign * self.p256Sign + Self.p256Counts.verify * self.p256Verify }
    /// Microseconds of one release altogether.
    var total: Double { self.p384 + self.p256 + Self.x25519Count * self.x25519 }

    func releasesPerSecond(cores: Int) -> Double { Double(cores) * 1e6 / self.total }

    var text: String {
        func us(_ value: Double) -> String { "\(Int(value.rounded()))" }
        return "arithmetic of one release: \(us(self.total)) us of one core; P-384 \(us(self.p384)) us (\(us(self.p384 / self.total * 100)) %), "
            + "P-256 \(us(self.p256)) us (\(us(self.p256 / self.total * 100)) %); "
            + "one P-384 sign \(us(self.p384Sign)), verify \(us(self.p384Verify)); one P-256 sign \(us(self.p256Sign)), verify \(us(self.p256Verify))"
    }
}
