// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Attestation
import ByteCoding
import Foundation
import ModelServing
import RATLS
import SecretProvisioning
import SimulatedTEE

/// Where the key of sealed files comes from: the key broker, after attestation, or a file for development.
struct KeyOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The key broker; several separated by commas are tried in turn.", valueName: "host:port"))
    var broker: String?

    @Option(
        name: .customLong("broker-door"),
        help: ArgumentHelp(
            "How it is asked: challenge (HTTPS), ra-tls (Gramine's protocol), or auto: the first, and the second of a server that speaks that alone.",
            valueName: "door"))
    var brokerDoor = BrokerClient.Door.automatic.rawValue

    @Option(name: .customLong("broker-ca"), help: ArgumentHelp("The CA that the broker's certificate comes from, PEM.", valueName: "file"))
    var brokerCA: String?

    @Option(
        name: .customLong("simulated-platform"),
        help: ArgumentHelp("INSECURE: attest as an enclave of this simulated platform. For development.", valueName: "dir"))
    var simulatedPlatform: String?

    @Option(name: .customLong("mr-enclave"), help: ArgumentHelp("MRENCLAVE of the simulated enclave.", valueName: "hex"))
    var mrEnclave: String?

    @Option(name: .customLong("mr-signer"), help: ArgumentHelp("MRSIGNER of the simulated enclave.", valueName: "hex"))
    var mrSigner: String?

    @Option(name: .customLong("isv-prod-id"), help: ArgumentHelp("ISVPRODID of the simulated enclave.", valueName: "n"))
    var isvProdID: UInt16?

    @Option(name: .customLong("isv-svn"), help: ArgumentHelp("ISVSVN of the simulated enclave.", valueName: "n"))
    var isvSVN: UInt16?

    @Flag(name: .customLong("debug-enclave"), help: "Claim to be a debug enclave, simulated.")
    var debugEnclave = false

    @Option(
        name: .customLong("wrap-key-file"),
        help: ArgumentHelp("INSECURE: take the key from a file, without attestation. For development.", valueName: "file"))
    var wrapKeyFile: String?

    /// The source that was asked for; `nil` to serve plain files.
    ///
    /// - Throws: a ``CommandFailure`` when the options do not fit together, or this machine cannot attest.
    func keySource() throws -> WrapKeySource? {
        try self.checkTogether()
        if let wrapKeyFile {
            StandardError.write("INSECURE: the wrap key comes from \(wrapKeyFile), without attestation. For development only.\n")
            return .file(wrapKeyFile)
        }
        guard let broker else { return nil }
        guard let brokerCA else {
            throw CommandFailure("missing-broker-ca", "--broker needs --broker-ca", remedy: "give the CA certificate of the broker, PEM")
        }
        guard let door = BrokerClient.Door(rawValue: self.brokerDoor) else {
            throw CommandFailure("bad-broker-door", "--broker-door \(self.brokerDoor) is none", remedy: "use auto, challenge or ra-tls")
        }
        let client = try BrokerClient(
            servers: try ServerAddress.list(broker), caCertificatePEM: try InputFile.readAll(brokerCA, limit: PEMDocument.sizeLimit),
            source: try self.quoteSource(), door: door)
        return .broker(client, name: broker)
    }

    private func checkTogether() throws {
        if self.wrapKeyFile != nil, self.broker != nil || self.simulatedPlatform != nil {
            throw CommandFailure(
                "conflicting-options", "--wrap-key-file takes the place of the broker", remedy: "leave it or the broker's options out")
        }
        if self.broker == nil, self.brokerCA != nil || self.simulatedPlatform != nil {
            throw CommandFailure(
                "missing-broker", "--broker-ca and --simulated-platform are for a broker, and none is named",
                remedy: "give --broker host:port")
        }
        let describesEnclave = self.mrEnclave != nil || self.mrSigner != nil || self.isvProdID != nil || self.isvSVN != nil || self.debugEnclave
        if self.simulatedPlatform == nil, describesEnclave {
            throw CommandFailure(
                "missing-simulated-platform", "a measurement can be chosen only for a simulated enclave",
                remedy: "give --simulated-platform, or leave it out")
        }
    }

    /// The quote source of this environment, said aloud.
    private func quoteSource() throws -> any QuoteSource {
        let source = try QuoteSources.detect(simulated: try self.simulatedSource())
        if source.isSimulated {
            StandardError.write("INSECURE: this enclave is SIMULATED; its attestation proves nothing. For development only.\n")
        } else if let simulatedPlatform {
            StandardError.write("\(simulatedPlatform) is not used: a real source of quotes is there\n")
        }
        StandardError.write("quotes come from: \(source.name)\n")
        return source
    }

    private func simulatedSource() throws -> SimulatedQuoteSource? {
        guard let simulatedPlatform else { return nil }
        let enclave = SimulatedEnclave(
            mrEnclave: try Self.measurement(self.mrEnclave, option: "--mr-enclave") ?? .simulatedEnclave,
            mrSigner: try Self.measurement(self.mrSigner, option: "--mr-signer") ?? .simulatedSigner, isvProdID: self.isvProdID ?? 0,
            isvSVN: self.isvSVN ?? 0, isDebug: self.debugEnclave)
        return SimulatedQuoteSource(platform: try SimulatedPlatform.load(from: simulatedPlatform), enclave: enclave)
    }

    private static func measurement(_ text: String?, option: String) throws -> Attestation.Measurement? {
        guard let text else { return nil }
        guard let measurement = Attestation.Measurement(hex: text) else {
            throw CommandFailure(
                "invalid-measurement", "\(option) is not 64 hex digits", remedy: "pass the value as `gramine-sgx-sigstruct-view` prints it")
        }
        return measurement
    }
}
