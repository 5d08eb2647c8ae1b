// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Attestation
import ByteCoding
import Foundation
import KeyBroker

/// Verifies a quote with its collateral.
struct QuoteVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Verify a quote with its collateral, check by check.",
        discussion: """
            Says whether a quote is genuine, and the status of its platform. Whose enclave or trust domain it is, and whether that status is good \
            enough, is judged with --policy only: the policy file of the key broker, of which one rule has to accept.

            The collateral folder holds any of tcb_info.json, tcb_info_issuer_chain.pem, qe_identity.json, qe_identity_issuer_chain.pem, \
            pck_crl.der, pck_crl_issuer_chain.pem, root_ca_crl.der, pck_chain.pem, byte for byte as signed. What a quote does not need may be \
            absent. A bundle is one JSON file, as `sealwright collateral export` or dcap-qvl write it. Ends with 0 for verified, 77 for refused, 65 for malformed.

            EXAMPLE:
              sealwright quote verify --quote quote.bin --collateral collateral --at 2025-09-08T05:50:18Z --json
              sealwright quote verify --quote quote.bin --collateral collateral --policy policy.yaml
            """)

    @Option(help: ArgumentHelp("The quote: binary, or hexadecimal text.", valueName: "file"))
    var quote: String

    @Option(help: ArgumentHelp("Folder with the collateral, or a bundle of it as `collateral export` writes.", valueName: "path"))
    var collateral: String

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
        let time = try Self.time(self.at)
        let policy = try self.policy.map(Policy.init(contentsOfFile:))
        let bytes = try QuoteCommand.read(self.quote)
        let verifier = QuoteVerifier(roots: [try self.rootOfTrust()], extendedTDReports: self.extendedTDReports ? .accepted : .refused)
        let outcome = verifier.verify(encodedQuote: bytes, collateral: try CollateralFolder.load(self.collateral, forEncodedQuote: bytes), at: time)
        let appraisal = outcome.verifiedQuote.flatMap { quote in policy.map { AppraisalSummary($0, of: quote, at: time) } }
        let result = QuoteVerificationResult(outcome, encodedQuote: bytes, appraisal: appraisal)
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

    private func rootOfTrust() throws -> RootOfTrust {
        guard let file = self.root else { return self.pinRootKey ? .intelSGXKey : .intelSGX }
        let der = try InputFile.readAll(file, limit: Self.rootLimit)
        let kind = RootOfTrust.Kind(ofCertificateDER: der)
        return self.pinRootKey
            ? try RootOfTrust(publicKeyOfCertificateDER: der, kind: kind, name: file) : RootOfTrust(certificateDER: der, kind: kind, name: file)
    }

    private static func time(_ text: String?) throws -> Date {
        guard let text else { return Date() }
        if let seconds = Double(text), seconds.isFinite { return Date(timeIntervalSince1970: seconds) }
        guard let date = try? Date(text, strategy: .iso8601) else {
            throw CommandFailure("invalid-time", "--at \(text) is neither seconds nor ISO 8601", remedy: "write 1757310618 or 2025-09-08T05:50:18Z")
        }
        return date
    }
}
