// SPDX-License-Identifier: Apache-2.0

import Crypto

/// What the elliptic-curve arithmetic of one release costs, measured in the same run with the library that TLS and verification use.
///
/// Counted is what both sides do for one TLS 1.3 handshake with a P-384 client certificate and one verified quote.
struct Arithmetic {
    /// What the broker has seen of a client before it asks.
    enum Clients: String {
        /// Each has a key, a certificate and quotes of its own, as new enclaves on a known platform have.
        ///
        /// The platform's certificates and the collateral are known, as they are to any broker that runs for more than a minute.
        case new
        /// The same client asks again and again, so that its quote's signatures are remembered.
        case known

        /// The signatures of a quote that the broker has to check: the quote's own and the quoting enclave's report.
        var quoteSignatures: Double { self == .new ? 2 : 0 }
    }

    /// Microseconds of processor time for one operation on one core.
    let p256Sign, p256Verify, p384Sign, p384Verify, x25519: Double

    /// Client: signs the handshake.
    ///
    /// Broker: checks that signature and the certificate's own.
    static let p384Counts = (sign: 1.0, verify: 2.0)
    /// Broker: signs the handshake, and checks the quote's signatures (``Clients/quoteSignatures``).
    ///
    /// Client: checks the handshake's signature and the broker's certificate. The platform's certificates, revocation lists, TCB info and QE
    /// identity were verified before, so none of that is counted.
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
    func p256(_ clients: Clients) -> Double {
        Self.p256Counts.sign * self.p256Sign + (Self.p256Counts.verify + clients.quoteSignatures) * self.p256Verify
    }

    /// Microseconds of one release altogether.
    func total(_ clients: Clients) -> Double { self.p384 + self.p256(clients) + Self.x25519Count * self.x25519 }

    /// Releases a second if nothing but this arithmetic had to be done.
    func releasesPerSecond(_ clients: Clients, cores: Int) -> Double { Double(cores) * 1e6 / self.total(clients) }

    /// One line about the operations, and one for each kind of client.
    var text: String {
        func us(_ value: Double) -> String { "\(Int(value.rounded()))" }
        let operations =
            "one P-384 signature \(us(self.p384Sign)) us, check \(us(self.p384Verify)) us; "
            + "one P-256 signature \(us(self.p256Sign)) us, check \(us(self.p256Verify)) us; one X25519 \(us(self.x25519)) us"
        let lines = [Clients.new, .known].map { clients in
            let total = self.total(clients)
            return "arithmetic of one release, \(clients.rawValue) clients: \(us(total)) us of one core, of which P-384 "
                + "\(us(self.p384 / total * 100)) % and P-256 \(us(self.p256(clients) / total * 100)) %"
        }
        return ([operations] + lines).joined(separator: "\n")
    }
}
