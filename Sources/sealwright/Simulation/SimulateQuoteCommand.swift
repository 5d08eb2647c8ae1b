// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Attestation
import ByteCoding
import SimulatedTEE

/// Prints a simulated quote.
struct SimulateQuoteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quote",
        abstract: "Print a simulated quote in hex (INSECURE).",
        discussion: """
            Makes a quote of any enclave or trust domain you name, in any version. INSECURE: it proves nothing. With it the attestation device of a \
            real client library can be stood in for, to test it against a broker; with --fault a verifier can be seen to refuse.

            EXAMPLE:
              sealwright simulate quote --platform platform --report-data 00ff --mr-enclave $(printf 'ab%.0s' {1..32})
              sealwright simulate quote --platform platform --report-data 00ff --tee tdx --fault outdated-tdx-module
            """)

    @Option(help: ArgumentHelp("The simulated platform's folder.", valueName: "dir"))
    var platform: String

    @Option(help: ArgumentHelp("What the quote binds: up to 64 bytes in hex, padded with zeros.", valueName: "hex"))
    var reportData: String

    @Option(help: ArgumentHelp("MRENCLAVE, 64 hex digits (default: e1 repeated).", valueName: "hex"))
    var mrEnclave: String?

    @Option(help: ArgumentHelp("MRSIGNER, 64 hex digits (default: 51 repeated).", valueName: "hex"))
    var mrSigner: String?

    @Option(help: ArgumentHelp("ISVPRODID.", valueName: "n"))
    var isvProdID: UInt16 = 0

    @Option(help: ArgumentHelp("ISVSVN.", valueName: "n"))
    var isvSVN: UInt16 = 0

    @Option(help: "Kind of TEE: sgx or tdx.")
    var tee = "sgx"

    @Option(help: ArgumentHelp("Version of the quote: 3, 4 or 5 (default: 3 for SGX, 5 for TDX).", valueName: "n"))
    var quoteVersion: UInt16?

    @Option(help: ArgumentHelp("MRTD, 96 hex digits (default: 7d repeated).", valueName: "hex"))
    var mrTD: String?

    @Option(help: ArgumentHelp("Certification data type: 1 to 5, or 7.", valueName: "n"))
    var certificationData: UInt16 = 5

    @Option(help: ArgumentHelp("Something to be wrong with the quote; may be given more than once.", valueName: "name"))
    var fault: [String] = []

    @Flag(help: "Claim to be a debug enclave or trust domain.")
    var debug = false

    func run() async throws {
        guard let bytes = [UInt8](hex: self.reportData), let reportData = ReportData(paddingWithZeros: bytes) else {
            throw CommandFailure(
                "invalid-report-data", "--report-data is not hex of at most 64 bytes", remedy: "pass an even number of hex digits, 128 at most")
        }
        guard let kind = CertificationData.Kind(rawValue: self.certificationData) else {
            throw CommandFailure(
                "invalid-certification-data", "--certification-data \(self.certificationData) is not a type", remedy: "use 1 to 5, or 7")
        }
        let (attester, usualVersion) = try self.attester()
        let form = SimulatedQuoteForm(attester, version: self.quoteVersion ?? usualVersion, certificationData: kind)
        let quote = try SimulatedPlatform.load(from: self.platform)
            .quote(reportData: reportData, form: form, faults: try SimulateCommand.faults(self.fault))
        SimulateCommand.warn("this quote is SIMULATED and proves nothing. For development and tests only.")
        print(quote.hexString)
    }

    private func attester() throws -> (SimulatedQuoteForm.Attester, usualVersion: UInt16) {
        switch self.tee {
        case "sgx":
            let enclave = SimulatedEnclave(
                mrEnclave: try Self.measurement(self.mrEnclave, option: "--mr-enclave") ?? .simulatedEnclave,
                mrSigner: try Self.measurement(self.mrSigner, option: "--mr-signer") ?? .simulatedSigner,
                isvProdID: self.isvProdID, isvSVN: self.isvSVN, isDebug: self.debug)
            return (.enclave(enclave), 3)
        case "tdx":
            var domain = SimulatedTrustDomain(layout: self.quoteVersion == 4 ? .version1_0 : .version1_5)
            if let text = self.mrTD {
                guard let mrTD = TDMeasurement(hex: text) else {
                    throw CommandFailure("invalid-measurement", "--mr-td is not 96 hex digits", remedy: "pass the value as `quote show` prints it")
                }
                domain.mrTD = mrTD
            }
            if self.debug { domain.tdAttributes = TDAttributes(bits: domain.tdAttributes.bits | 1) }
            return (.trustDomain(domain), 5)
        default: throw CommandFailure("invalid-tee", "--tee \(self.tee) is neither sgx nor tdx", remedy: "use --tee sgx or --tee tdx")
        }
    }

    private static func measurement(_ text: String?, option: String) throws -> Measurement? {
        guard let text else { return nil }
        guard let measurement = Measurement(hex: text) else {
            throw CommandFailure(
                "invalid-measurement", "\(option) is not 64 hex digits", remedy: "pass the value as `gramine-sgx-sigstruct-view` prints it")
        }
        return measurement
    }
}
