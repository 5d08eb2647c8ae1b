// SPDX-License-Identifier: Apache-2.0

import Crypto

/// A SIGSTRUCT whose signature holds.
///
/// Only ``Sigstruct/verify()`` makes one. Whose key it is, is for the owner to say: compare ``mrSigner`` with the one you expect.
public struct VerifiedSigstruct: Hashable, Sendable {
    /// What was signed.
    public let sigstruct: Sigstruct
    /// MRSIGNER: the digest of the signer's modulus as stored.
    public let mrSigner: Measurement

    fileprivate init(_ sigstruct: Sigstruct) {
        self.sigstruct = sigstruct
        self.mrSigner = sigstruct.claimedMRSigner
    }
}

/// What verification of a SIGSTRUCT found.
public enum SigstructOutcome: Hashable, Sendable {
    /// Everything holds.
    case verified(VerifiedSigstruct, VerificationReport)
    /// A check failed; the report says which.
    case refused(VerificationReport)

    /// The report of either case.
    public var report: VerificationReport {
        switch self {
        case .verified(_, let report), .refused(let report): report
        }
    }
}

extension Check.ID {
    /// The signer's key has the exponent 3 and a modulus of 3072 bits.
    public static let sigstructKey = Self("sigstruct.key")
    /// Q1 is the quotient of S² and the modulus.
    public static let sigstructQ1 = Self("sigstruct.q1")
    /// Q2 is the quotient of S · (S² mod M) and the modulus.
    public static let sigstructQ2 = Self("sigstruct.q2")
    /// The signature is one by the signer's key over the signed bytes.
    public static let sigstructSignature = Self("sigstruct.signature")

    /// The checks of a SIGSTRUCT, in order.
    public static let sigstruct: [Check.ID] = [.sigstructKey, .sigstructQ1, .sigstructQ2, .sigstructSignature]
}

extension Sigstruct {
    /// MRSIGNER if the signature holds: the digest of the modulus as stored.
    public var claimedMRSigner: Measurement {
        // A SHA-256 digest has a measurement's size.
        Measurement(Array(SHA256.hash(data: self.modulus.bytes)))!
    }

    /// Checks the signature as the processor does at EINIT: RSASSA-PKCS1-v1_5 with SHA-256, a 3072-bit key and exponent 3, by way of Q1 and Q2.
    ///
    /// A structure that fails here starts no enclave. With R₁ = S² − Q1·M and R₂ = S·R₁ − Q2·M, both in [0, M), R₂ is S³ mod M: the
    /// encoded message, which is compared whole (RFC 8017, section 8.2.2).
    public func verify() -> SigstructOutcome {
        var recorder = ReportRecorder(plan: Check.ID.sigstruct)
        guard self.checkSignature(&recorder) else { return .refused(recorder.report()) }
        return .verified(VerifiedSigstruct(self), recorder.report())
    }

    private func checkSignature(_ recorder: inout ReportRecorder) -> Bool {
        let modulus = UnsignedLimbs(littleEndian: self.modulus.bytes)
        let signature = UnsignedLimbs(littleEndian: self.signature.bytes)
        func require(_ id: Check.ID, _ holds: Bool, expected: String, found: String) -> Bool {
            if holds {
                recorder.pass(id, found: expected, source: "SIGSTRUCT")
            } else {
                recorder.fail(id, expected: expected, found: found, source: "SIGSTRUCT", remedy: Self.remedy)
            }
            return holds
        }
        let hasTopBit = self.modulus.bytes.last.map { $0 & 0x80 != 0 } == true
        guard
            require(
                .sigstructKey, self.exponent == 3 && hasTopBit && signature < modulus,
                expected: "exponent 3, 3072 bits, a signature below the modulus",
                found: "exponent \(self.exponent), modulus \(hasTopBit ? "of" : "below") 3072 bits")
        else { return false }
        let first = (signature * signature).subtracting(UnsignedLimbs(littleEndian: self.q1.bytes) * modulus).flatMap { $0 < modulus ? $0 : nil }
        guard require(.sigstructQ1, first != nil, expected: "the quotient of S² and the modulus", found: "another number"), let first else {
            return false
        }
        let second = (signature * first).subtracting(UnsignedLimbs(littleEndian: self.q2.bytes) * modulus).flatMap { $0 < modulus ? $0 : nil }
        guard require(.sigstructQ2, second != nil, expected: "the quotient of S·(S² mod M) and the modulus", found: "another number"), let second
        else {
            return false
        }
        return require(
            .sigstructSignature, second == UnsignedLimbs(littleEndian: self.encodedMessage.reversed()),
            expected: "a signature by the key over the enclave's description", found: "one that is not")
    }

    private static let remedy =
        "sign the enclave again with `gramine-sgx-sign`; the file was altered or cut together, and no processor starts an enclave from it"

    /// EMSA-PKCS1-v1_5 of the signed bytes (RFC 8017, section 9.2), big-endian.
    private var encodedMessage: [UInt8] {
        // DER of DigestInfo for SHA-256, up to the digest (RFC 8017, section 9.2, note 1).
        let digestInfo: [UInt8] = [
            0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20,
        ]
        let digest = Array(SHA256.hash(data: self.signedBytes))
        let padding = [UInt8](repeating: 0xff, count: RSAValue.size - digestInfo.count - digest.count - 3)
        return [0, 1] + padding + [0] + digestInfo + digest
    }
}
