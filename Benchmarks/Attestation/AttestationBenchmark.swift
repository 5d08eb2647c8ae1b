// SPDX-License-Identifier: Apache-2.0

import Attestation
import Crypto
import Foundation

/// The part of `make bench-attestation` that needs the library itself.
///
/// Arguments: a quote to measure, the quote of another platform of the same model, the folder of collateral for both, the root's certificate, the
/// time. Prints one line a case: its name and the median in microseconds.
@main
struct AttestationBenchmark {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 6, let seconds = Double(arguments[5]) else {
            print("usage: attestation-benchmark QUOTE OTHER-QUOTE COLLATERAL-FOLDER ROOT.der SECONDS")
            exit(64)
        }
        let case_ = try Case(
            quote: Self.read(arguments[1]), other: Self.read(arguments[2]), folder: arguments[3],
            root: RootOfTrust(certificateDER: try Self.read(arguments[4]), kind: .custom), time: Date(timeIntervalSince1970: seconds))
        try case_.run()
    }

    static func read(_ path: String) throws -> [UInt8] { try [UInt8](Data(contentsOf: URL(fileURLWithPath: path))) }

    /// The median of many runs in microseconds; `prepare` is not measured.
    static func median<Prepared>(_ runs: Int = 3001, prepare: () throws -> Prepared, _ body: (Prepared) throws -> Bool) rethrows -> Double {
        var times: [Double] = []
        for _ in 0..<runs {
            let prepared = try prepare()
            let start = ContinuousClock.now
            let isGood = try body(prepared)
            times.append(start.duration(to: .now) / .microseconds(1))
            precondition(isGood, "what is measured has to succeed")
        }
        return times.sorted()[runs / 2]
    }

    static func median(_ body: () throws -> Bool) rethrows -> Double { try self.median(prepare: {}) { _ in try body() } }
}

/// One quote with what is needed to verify it.
struct Case {
    let quote: [UInt8]
    let other: [UInt8]
    let collateral: Collateral
    let root: RootOfTrust
    let time: Date

    init(quote: [UInt8], other: [UInt8], folder: String, root: RootOfTrust, time: Date) throws {
        self.quote = quote
        self.other = other
        func piece(_ name: String) throws -> [UInt8] { try AttestationBenchmark.read("\(folder)/\(name)") }
        self.collateral = Collateral(
            tcbInfo: try piece("tcb_info.json"), tcbInfoIssuerChain: try piece("tcb_info_issuer_chain.pem"),
            qeIdentity: try piece("qe_identity.json"),
            qeIdentityIssuerChain: try piece("qe_identity_issuer_chain.pem"), pckCRL: try piece("pck_crl.der"), pckCRLIssuerChain: [],
            rootCACRL: try piece("root_ca_crl.der"))
        self.root = root
        self.time = time
    }

    func run() throws {
        let decoded = DecodedCollateral(self.collateral)
        func verify(_ verifier: QuoteVerifier, _ quote: [UInt8], _ collateral: DecodedCollateral) -> Bool {
            verifier.verify(encodedQuote: quote, collateral: collateral, at: self.time).verifiedQuote != nil
        }
        let plain = QuoteVerifier(roots: [self.root])
        let cached = QuoteVerifier(roots: [self.root], cache: VerificationCache())
        _ = verify(cached, self.quote, decoded)

        self.report("p256", self.signature())
        self.report("full", AttestationBenchmark.median { verify(plain, self.quote, decoded) })
        self.report("full-with-decoding", AttestationBenchmark.median { verify(plain, self.quote, DecodedCollateral(self.collateral)) })
        self.report(
            "new-platform",
            AttestationBenchmark.median(
                301,
                prepare: {
                    // A verifier that has seen the collateral with another platform.
                    let verifier = QuoteVerifier(roots: [self.root], cache: VerificationCache())
                    precondition(verify(verifier, self.other, decoded), "the other platform verifies with the same collateral")
                    return verifier
                }
            ) { verify($0, self.quote, decoded) })
        self.report("same-platform", AttestationBenchmark.median { verify(cached, self.quote, decoded) })
        self.report(
            "same-platform-raw-collateral",
            AttestationBenchmark.median { cached.verify(encodedQuote: self.quote, collateral: self.collateral, at: self.time).verifiedQuote != nil })
        self.report("parse", try AttestationBenchmark.median { try Quote(decoding: self.quote.span).encodedBytes.count > 0 })
    }

    /// One verification with P-256.
    private func signature() -> Double {
        let key = P256.Signing.PrivateKey()
        let digest = SHA256.hash(data: self.quote)
        guard let signature = try? key.signature(for: digest) else { preconditionFailure("a new key signs") }
        let publicKey = key.publicKey
        return AttestationBenchmark.median { publicKey.isValidSignature(signature, for: digest) }
    }

    private func report(_ name: String, _ microseconds: Double) { print("\(name) \(String(format: "%.1f", microseconds))") }
}
