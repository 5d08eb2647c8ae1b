// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Attestation
import ByteCoding
import Foundation
import ModelServing
import RATLS
import SecretProvisioning
import SimulatedTEE

/// Where the keys of sealed files come from: the key broker, after attestation, or files for development.
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

    @Option(
        help: ArgumentHelp("The key's name in the broker's policy (default: the policy's first rule that matches decides).", valueName: "name"))
    var secret: String?

    @Option(
        name: .customLong("model-secret"),
        help: ArgumentHelp(
            "The name of a model's own key in the broker's policy; repeat for more models. Models without one, and ssl.cfg, then need --secret.",
            valueName: "model=name"),
        transform: ModelKey.init(argument:))
    var modelSecrets: [ModelKey] = []

    @Option(
        name: .customLong("model-key-file"),
        help: ArgumentHelp("INSECURE: take a model's own key from a file; repeat for more models. For development.", valueName: "model=file"),
        transform: ModelKey.init(argument:))
    var modelKeyFiles: [ModelKey] = []

    /// One model and where its key is.
    struct ModelKey: Sendable {
        let model: String
        let place: String

        init(argument: String) throws {
            guard let sign = argument.lastIndex(of: "="), sign > argument.startIndex, argument.index(after: sign) < argument.endIndex else {
                throw ValidationError("'\(argument)' is not MODEL=NAME")
            }
            self.model = String(argument[..<sign])
            self.place = String(argument[argument.index(after: sign)...])
        }
    }

    /// Where keys come from.
    struct Sources {
        /// Of ssl.cfg, and of models without a key of their own.
        var shared: WrapKeySource?
        /// Of models with one.
        var models: [String: WrapKeySource] = [:]
    }

    /// The sources that were asked for; none to serve plain files.
    ///
    /// - Throws: a ``CommandFailure`` when the options do not fit together, or this machine cannot attest.
    func keySources() throws -> Sources {
        try self.checkTogether()
        if self.wrapKeyFile != nil || !self.modelKeyFiles.isEmpty { return self.files() }
        guard let broker, let client = try self.brokerClient() else { return Sources() }
        var sources = Sources()
        // Who names keys of models alone has none for anything else.
        if self.modelSecrets.isEmpty || self.secret != nil { sources.shared = .broker(client, name: broker, secret: self.secret) }
        for key in self.modelSecrets { sources.models[key.model] = .broker(client, name: broker, secret: key.place) }
        return sources
    }

    private func files() -> Sources {
        let files = (self.wrapKeyFile.map { [$0] } ?? []) + self.modelKeyFiles.map(\.place)
        StandardError.write("INSECURE: wrap keys come from \(files.joined(separator: ", ")), without attestation. For development only.\n")
        return Sources(
            shared: self.wrapKeyFile.map { .file($0) },
            models: Dictionary(self.modelKeyFiles.map { ($0.model, .file($0.place)) }, uniquingKeysWith: { first, _ in first }))
    }

    private func brokerClient() throws -> BrokerClient? {
        guard let broker else { return nil }
        guard let brokerCA else {
            throw CommandFailure("missing-broker-ca", "--broker needs --broker-ca", remedy: "give the CA certificate of the broker, PEM")
        }
        guard let door = BrokerClient.Door(rawValue: self.brokerDoor) else {
            throw CommandFailure("bad-broker-door", "--broker-door \(self.brokerDoor) is none", remedy: "use auto, challenge or ra-tls")
        }
        return try BrokerClient(
            servers: try ServerAddress.list(broker), caCertificatePEM: try InputFile.readAll(brokerCA, limit: PEMDocument.sizeLimit),
            source: try self.quoteSource(), door: door)
    }

    private func checkTogether() throws {
        if self.wrapKeyFile != nil || !self.modelKeyFiles.isEmpty, self.broker != nil || self.simulatedPlatform != nil {
            throw CommandFailure(
                "conflicting-options", "--wrap-key-file and --model-key-file take the place of the broker",
                remedy: "leave them or the broker's options out")
        }
        if self.broker == nil, self.brokerCA != nil || self.simulatedPlatform != nil || self.secret != nil || !self.modelSecrets.isEmpty {
            throw CommandFailure(
                "missing-broker", "--broker-ca, --simulated-platform, --secret and --model-secret are for a broker, and none is named",
                remedy: "give --broker host:port")
        }
        for keys in [self.modelSecrets, self.modelKeyFiles] {
            var models: Set<String> = []
            for key in keys where !models.insert(key.model).inserted {
                throw CommandFailure("conflicting-options", "the model \(key.model) has two keys", remedy: "name one")
            }
        }
        if !self.modelSecrets.isEmpty || self.secret != nil, self.brokerDoor == BrokerClient.Door.raTLS.rawValue {
            throw CommandFailure(
                "conflicting-options", "at the door ra-tls no secret can be asked for by its name", remedy: "use --broker-door challenge")
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
