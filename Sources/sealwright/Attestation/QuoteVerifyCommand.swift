// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Attestation
import ByteCoding
import Foundation
import KeyBroker
import RATLS

/// Verifies a quote, or the certificate that carries it, with its collateral.
struct QuoteVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Verify a quote with its collateral, check by check.",
        discussion: """
            Says whether a quote is genuine, and the status of its platform. Whose enclave or trust domain it is, and whether that status is good \
            enough, is judged with --policy only: the policy file of the key broker, of which one rule has to accept.

            The collateral folder holds any of tcb_info.json, tcb_info_issuer_chain.pem, qe_identity.json, qe_identity_issuer_chain.pem, \
            pck_crl.der, pck_crl_issuer_chain.pem, root_ca_crl.der, pck_chain.pem, byte for byte as signed. What a quote does not need may be \
            absent. A bundle is one JSON file, as `sealwright collateral export` or dcap-qvl write it. Without --collateral it is fetched (--collateral-profile, --pccs-url) or taken from a cache (--collateral-cache). \
            Ends with 0 for verified, 77 for refused, 65 for malformed.

            An RA-TLS certificate is verified with the checks that bind its quote to its key. With --connect it is the one that a server \
            shows and proves to have the key of; nothing else is sent to the server.

            EXAMPLE:
              sealwright quote verify --quote quote.bin --collateral collateral --at 2025-09-08T05:50:18Z --json
              sealwright quote verify --quote quote.bin --collateral collateral --policy policy.yaml
              sealwright quote verify --connect server.example:8500 --collateral-profile intel
            """)

    @OptionGroup var evidence: EvidenceOptions

    @Option(help: ArgumentHelp("Folder with the collateral, or a bundle of it as `collateral export` writes.", valueName: "path"))
    var collateral: String?

    @OptionGroup var source: CollateralSourceOptions

    @Option(help: ArgumentHelp("Root certificate to trust instead of Intel's, DER.", valueName: "file"))
    var root: String?

    @Flag(help: "Pin the root's key instead of its certificate, so that other editions of the certificate count too.")
    var pinRootKey = false

    @Option(help: ArgumentHelp("Time to verify for: seconds since 1970, or ISO 8601 (default: now).", valueName: "time"))
    var at: String?

    @Option(help: ArgumentHelp("Policy file of the key broker to judge the verified quote by.", valueName: "file"))
    var policy: String?

    @Flag(help: "Accept the extended TD report (body type 4), which is experimental.")
    var extendedTDReports = false

    @Flag(help: "Print one JSON object.")
    var json = false

    @Flag(help: "Print one line.")
    var oneLine = false

    /// Most bytes of a root certificate.
    private static let rootLimit = 16 * 1024

    func run() async throws {
        let time = try TimeText.date(self.at, option: "--at")
        let policy = try self.policy.map(Policy.init(contentsOfFile:))
        let evidence = try await self.evidence.read()
        let verifier = QuoteVerifier(roots: [try self.rootOfTrust()], extendedTDReports: self.extendedTDReports ? .accepted : .refused)
        let outcome = evidence.verify(by: verifier, collateral: try await self.collateral(for: evidence), at: time)
        let appraisal = outcome.verifiedQuote.flatMap { quote in policy.map { AppraisalSummary($0, of: quote, at: time) } }
        let result = QuoteVerificationResult(outcome, encodedQuote: evidence.encodedQuote, appraisal: appraisal)
        print(self.json ? try JSONText.encode(result) : self.oneLine ? result.summary : result.text)
        if let failure = result.failure {
            throw CommandFailure(
                "quote-\(result.verdict.rawValue)", "the quote is \(result.verdict.rawValue): \(failure.id) failed", remedy: failure.remedy,
                exitStatus: result.verdict == .malformed ? .badData : .refused)
        }
        if result.verdict != .verified {
            throw CommandFailure(
                "quote-refused", "the quote is refused: no rule of the policy accepts it", remedy: "add a rule to \(self.policy ?? "the policy")",
                exitStatus: .refused)
        }
    }

    private func collateral(for evidence: Evidence) async throws -> Collateral {
        if let path = self.collateral { return try CollateralFolder.load(path, forEncodedQuote: evidence.encodedQuote) }
        guard self.source.isGiven else {
            throw CommandFailure(
                "missing-collateral", "no collateral is named",
                remedy: "give --collateral with a folder or bundle, or a source: --collateral-profile, --pccs-url, --collateral-cache")
        }
        // Bytes that are no quote are refused for what they are, whatever the collateral.
        guard let quote = try? Quote(decoding: evidence.encodedQuote.span) else { return .none }
        let warn = { @Sendable (error: any Error) in StandardError.write("the collateral cannot be kept: \(error)\n") }
        return try await self.source.withCache(onStoreFailure: warn) { cache in
            let collateral = try await cache.collateral(for: quote)
            // What was old is fetched anew for the next time.
            await cache.quiesce()
            return collateral
        }
    }

    private func rootOfTrust() throws -> RootOfTrust {
        guard let file = self.root else { return self.pinRootKey ? .intelSGXKey : .intelSGX }
        let der = try InputFile.readAll(file, limit: Self.rootLimit)
        let kind = RootOfTrust.Kind(ofCertificateDER: der)
        return self.pinRootKey
            ? try RootOfTrust(publicKeyOfCertificateDER: der, kind: kind, name: file) : RootOfTrust(certificateDER: der, kind: kind, name: file)
    }
}
