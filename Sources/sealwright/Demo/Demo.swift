// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Foundation
import Subprocess

/// The whole story on one machine, played with the same commands that a user would type.
struct Demo: Sendable {
    let workFolder: String
    let cacheFolder: String
    let sources: DemoSources
    let console = DemoConsole()

    private static let serverName = "grpc.tf-serving.service.com"
    private static let modelName = "guesslang"

    /// Plays every step.
    ///
    /// - Throws: at the first step that does not go as told.
    func play() async throws {
        let clock = ContinuousClock()
        let start = clock.now
        self.console.note("SIMULATED ATTESTATION: everything below is real but the enclave. Not for production.")
        let sealwright = try DemoProgram.sealwright(console: self.console)
        try await self.console.step("Set a work folder") { try self.makeWorkFolder() }
        let model = try await self.console.step("Fetch a trained model (guesslang: which programming language is this text?)") {
            try await DemoModel.guesslang.fetch(into: self.cacheFolder, unpackedTo: self.path("downloads"), console: self.console)
        }
        try await self.console.step("Convert a frozen graph and run it once (deepbrain: where is the brain in this scan?)") {
            try await self.convertFrozenGraph(with: sealwright)
        }
        try await self.console.step("Issue TLS material, for the model server and for the key broker") {
            try await self.issueTLSMaterial(with: sealwright)
        }
        try await self.console.step("Seal the model and the server's TLS material") { try await self.sealEverything(model: model, with: sealwright) }
        try await self.console.step("Make a SIMULATED enclave platform, and a policy that names one enclave") {
            try await sealwright.run("simulate", "init", "--output", self.path("platform"))
            try self.write(DemoPolicy.yaml, to: "policy.yaml")
        }
        try await self.playAttestedServing(with: sealwright)
        self.console.write("\n    All of it went as told, in \(self.console.seconds(clock.now - start)).")
    }

    // MARK: - Before the cloud

    private func makeWorkFolder() throws {
        let marker = self.path(".sealwright-demo")
        let manager = FileManager.default
        if manager.fileExists(atPath: self.workFolder) {
            // Never remove a folder that we did not make.
            guard manager.fileExists(atPath: marker) else {
                throw DemoFailure("\(self.workFolder) exists and is not an earlier demo's", remedy: "name another folder with --work-folder")
            }
            try manager.removeItem(atPath: self.workFolder)
        }
        try manager.createDirectory(atPath: self.workFolder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try self.write("", to: ".sealwright-demo")
        self.console.note("everything goes to \(self.workFolder)")
    }

    private func convertFrozenGraph(with sealwright: DemoProgram) async throws {
        let graph = try await DemoModel.deepbrain.fetch(into: self.cacheFolder, unpackedTo: self.path("downloads"), console: self.console)
        let model = self.path("models/deepbrain")
        let output = try await sealwright.run(
            "model", "convert", "--input", graph, "--inputs", "img", "--outputs", "prob", "--output", model, "--version", "1")
        self.console.note(output)
        self.console.note(try await DeepbrainRun(savedModel: "\(model)/1").describe())
    }

    private func issueTLSMaterial(with sealwright: DemoProgram) async throws {
        try await sealwright.run(
            "tls", "issue", "--server", Self.serverName, "--client", "client.tf-serving.service.com", "--output", self.path("ssl_configure"))
        try await sealwright.run(
            "tls", "issue", "--server", "localhost", "--client", "operator", "--output", self.path("broker_tls"))
    }

    private func sealEverything(model: String, with sealwright: DemoProgram) async throws {
        // TensorFlow Serving wants MODEL/VERSION; the wheel has the version folder alone.
        let versioned = self.path("models/\(Self.modelName)")
        try FileManager.default.createDirectory(atPath: versioned, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: model, toPath: "\(versioned)/1")
        try await sealwright.run("key", "generate", "--output", self.path("wrap-key"))
        try FileManager.default.createDirectory(atPath: self.path("cloud"), withIntermediateDirectories: true)
        self.console.note(
            try await sealwright.run(
                "seal", "--key", self.path("wrap-key"), "--input", versioned, "--output", self.path("cloud/\(Self.modelName)"),
                "--mount-path", "models/\(Self.modelName)"))
        self.console.note(
            try await sealwright.run(
                "seal", "--key", self.path("wrap-key"), "--input", self.path("ssl_configure/ssl.cfg"), "--output", self.path("cloud/ssl.cfg"),
                "--mount-path", "ssl.cfg"))
        self.console.note("only \(self.path("cloud")) goes to the cloud; the wrap key stays with the broker")
    }

    // MARK: - In the cloud

    /// Starts the collateral endpoint and the broker, then plays what an honest and two dishonest servers get.
    private func playAttestedServing(with sealwright: DemoProgram) async throws {
        try await self.console.step("Make the broker's store: an audit log that nobody can change unseen") {
            for folder in ["broker_store", "broker_keys"] {
                try FileManager.default.createDirectory(
                    atPath: self.path(folder), withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            }
            try await sealwright.run(
                "broker", "store", "init", "--store", self.path("broker_store/broker.sqlite"), "--new-master-key",
                self.path("broker_keys/master-key"))
        }
        self.console.heading("Start the collateral endpoint and the key broker")
        let collateral = ["simulate", "collateral", "--platform", self.path("platform"), "--port", "0"]
        try await sealwright.serving(collateral, log: self.path("collateral.log")) { collateral in
            try await sealwright.serving(self.brokerArguments(collateral: collateral), log: self.path("broker.log")) { broker in
                try await self.console.step("Start the server: it proves its enclave, gets the key, opens the model in memory, answers") {
                    try await self.predictLanguages(broker: broker, with: sealwright)
                }
                try await self.console.step("Refusal 1: an enclave with other code (MRENCLAVE not in the policy)") {
                    try await self.showRefusedEnclave(broker: broker, with: sealwright)
                }
                try await self.console.step("Verify the audit log: every decision, in one chain of hashes") {
                    self.console.note(try await sealwright.run("broker", "audit", "list", "--store", self.path("broker_store/broker.sqlite")))
                    self.console.note(try await sealwright.run("broker", "audit", "verify", "--store", self.path("broker_store/broker.sqlite")))
                }
                try await self.console.step("Refusal 2: a sealed model with one flipped bit") {
                    try await self.showTamperedModel(broker: broker, with: sealwright)
                }
            }
        }
    }

    private func brokerArguments(collateral: DemoServer) -> [String] {
        [
            "broker", "serve", "--policy", self.path("policy.yaml"),
            "--certificate", self.path("broker_tls/server/cert.pem"), "--private-key", self.path("broker_tls/server/key.pem"),
            "--port", "0", "--pccs-url", "http://127.0.0.1:\(collateral.port)/sgx/certification/v4/",
            "--simulated-root", self.path("platform/root-ca.der"), "--log", self.path("decisions.jsonl"),
            "--store", self.path("broker_store/broker.sqlite"), "--master-key", self.path("broker_keys/master-key"),
        ]
    }

    private func serverArguments(broker: DemoServer, model: String, mrEnclave: String = DemoPolicy.mrEnclave) -> [String] {
        [
            "serve", "--exit-on-failure", "--model_name", Self.modelName, "--model_base_path", model, "--mount-path", "models/\(Self.modelName)",
            "--port", "0", "--ssl_config_file", self.path("cloud/ssl.cfg"), "--ssl-mount-path", "ssl.cfg",
            "--broker", "localhost:\(broker.httpsPort ?? broker.port)", "--broker-ca", self.path("broker_tls/ca_cert.pem"),
            "--simulated-platform", self.path("platform"), "--mr-enclave", mrEnclave, "--mr-signer", DemoPolicy.mrSigner,
        ]
    }

    private func predictLanguages(broker: DemoServer, with sealwright: DemoProgram) async throws {
        let arguments = self.serverArguments(broker: broker, model: self.path("cloud/\(Self.modelName)"))
        try await sealwright.serving(arguments, log: self.path("server.log")) { server in
            for source in self.sources.files {
                let answer = try await sealwright.run(
                    "predict", "--server", "localhost:\(server.port)", "--server-name", Self.serverName,
                    "--ca", self.path("ssl_configure/ca_cert.pem"), "--certificate", self.path("ssl_configure/client/cert.pem"),
                    "--private-key", self.path("ssl_configure/client/key.pem"), "--model", Self.modelName, "--signature", "predict",
                    "--input", "content=@\(source)", "--json")
                self.console.note(try LanguageAnswer(json: answer).describe(file: source))
            }
        }
    }

    private func showRefusedEnclave(broker: DemoServer, with sealwright: DemoProgram) async throws {
        let model = self.path("cloud/\(Self.modelName)")
        let outcome = try await sealwright.outcome(
            of: self.serverArguments(broker: broker, model: model, mrEnclave: DemoPolicy.otherMREnclave))
        try self.expect(outcome, exitStatus: .refused, toMention: "broker")
        self.console.note("the server says:  \(outcome.error.trimmingCharacters(in: .whitespacesAndNewlines))")
        let decision = try BrokerDecision.last(in: self.path("decisions.jsonl"))
        guard !decision.wasReleased else { throw DemoFailure("the broker released the key to an enclave that the policy does not name") }
        self.console.note("the broker says why:\n\(decision.explanation)")
    }

    private func showTamperedModel(broker: DemoServer, with sealwright: DemoProgram) async throws {
        let tampered = self.path("tampered/\(Self.modelName)")
        try FileManager.default.createDirectory(atPath: self.path("tampered"), withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: self.path("cloud/\(Self.modelName)"), toPath: tampered)
        let shard = "\(tampered)/1/variables/variables.data-00000-of-00001"
        var bytes = try InputFile.readAll(shard)
        bytes[bytes.count / 2] ^= 0x10
        try OutputFile.write(bytes, to: shard, permissions: 0o644, replacing: true)
        self.console.note("flipped bit 4 of byte \(bytes.count / 2) of \(shard)")
        let outcome = try await sealwright.outcome(of: self.serverArguments(broker: broker, model: tampered))
        try self.expect(outcome, exitStatus: .badData, toMention: "data-auth")
        self.console.note("the server says:  \(outcome.error.trimmingCharacters(in: .whitespacesAndNewlines))")
    }

    // MARK: -

    private func expect(_ outcome: DemoProgram.Outcome, exitStatus: ExitStatus, toMention word: String) throws {
        guard outcome.status == .exited(exitStatus.rawValue) else {
            throw DemoFailure("expected exit status \(exitStatus.rawValue), got \(outcome.status):\n\(outcome.error)")
        }
        guard outcome.error.contains(word) else { throw DemoFailure("expected the error to mention “\(word)”:\n\(outcome.error)") }
    }

    private func path(_ name: String) -> String { "\(self.workFolder)/\(name)" }

    private func write(_ text: String, to name: String) throws {
        try OutputFile.write(Array(text.utf8), to: self.path(name), permissions: 0o600, replacing: true)
    }
}
