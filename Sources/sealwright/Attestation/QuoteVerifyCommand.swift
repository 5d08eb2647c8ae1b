// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Attestation
import ByteCoding
import Foundation

/// Verifies a quote with its collateral.
struct QuoteVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Verify a quote with its collateral, check by check.",
        discussion: """
            Says whether a quote is genuine, and the status of its platform. Whose enclave it is, and whether that status is good enough, is not \
            judged here.

            The collateral folder holds tcb_info.json, tcb_info_issuer_chain.pem, qe_identity.json, qe_identity_issuer_chain.pem, pck_crl.der, \
            root_ca_crl.der, and pck_chain.pem for quotes that do not embed it. Ends with 0 for verified, 77 for refused, 65 for malformed.

            EXAMPLE:
              sealwright quote verify --quote quote.bin --collateral collateral --at 2025-09-08T05:50:18Z --json
            """)

    @Option(help: ArgumentHelp("The quote: binary, or hexadecimal text.", valueName: "file"))
    var quote: String

    @Option(help: ArgumentHelp("Folder with the collateral.", valueName: "dir"))
    var collateral: String

    @Option(help: ArgumentHelp("Root certificate to trust instead of Intel's, DER.", valueName: "file"))
    var root: String?

    @Option(help: ArgumentHelp("Time to verify for: seconds since 1970, or ISO 8601 (default: now).", valueName: "time"))
    var at: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    /// Most bytes of a root certificate.
    private static let rootLimit = 16 * 1024

    func run() async throws {
        let time = try Self.time(self.at)
        let root = try self.root.map { RootOfTrust(certificateDER: try InputFile.readAll($0, limit: Self.rootLimit), kind: .custom, name: $0) }
        let bytes = try QuoteCommand.read(self.quote)
        let outcome = QuoteVerifier(roots: [root ?? .intelSGX])
            .verify(encodedQuote: bytes, collateral: try CollateralFolder.load(self.collateral), at: time)
        let result = QuoteVerificationResult(outcome, encodedQuote: bytes)
        print(self.json ? try JSONText.encode(result) : result.text)
        if let failure = outcome.report.firstFailure {
            throw CommandFailure(
                "quote-\(result.verdict.rawValue)", "the quote is \(result.verdict.rawValue): \(failure.id) failed", remedy: failure.remedy,
                exitStatus: result.verdict == .malformed ? .badData : .refused)
        }
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
