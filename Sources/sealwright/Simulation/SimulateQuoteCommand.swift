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
            Makes an SGX quote of version 3 for any enclave you name. INSECURE: it proves nothing. With it the attestation device of a real client \
            library can be stood in for, to test it against a broker.

            EXAMPLE:
              sealwright simulate quote --platform platform --report-data 00ff --mr-enclave $(printf 'ab%.0s' {1..32})
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

    @Flag(help: "Claim to be a debug enclave.")
    var debug = false

    func run() async throws {
        guard let bytes = [UInt8](hex: self.reportData), let reportData = ReportData(paddingWithZeros: bytes) else {
            throw CommandFailure(
                "invalid-report-data", "--report-data is not hex of at most 64 bytes", remedy: "pass an even number of hex digits, 128 at most")
        }
        let enclave = SimulatedEnclave(
            mrEnclave: try Self.measurement(self.mrEnclave, option: "--mr-enclave") ?? .simulatedEnclave,
            mrSigner: try Self.measurement(self.mrSigner, option: "--mr-signer") ?? .simulatedSigner,
            isvProdID: self.isvProdID, isvSVN: self.isvSVN, isDebug: self.debug)
        let quote = try SimulatedPlatform.load(from: self.platform).quote(reportData: reportData, enclave: enclave)
        SimulateCommand.warn("this quote is SIMULATED and proves nothing. For development and tests only.")
        print(quote.hexString)
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
