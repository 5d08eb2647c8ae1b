// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Foundation
import TestSupport
import Testing

@Suite("sealwright serve and predict")
struct ServeCommandTests {
    private static let magic = Array("GRAFS_PF".utf8)

    /// Writes what bad input needs: plain and sealed-looking models, keys, PEM files.
    private static func scratch() throws -> ScratchFolder {
        let scratch = try ScratchFolder()
        try scratch.write([8, 1], to: "plain/1/saved_model.pb")
        try scratch.write(Self.magic, to: "sealed/1/saved_model.pb")
        try scratch.write(Self.magic, to: "mixed/1/saved_model.pb")
        try scratch.write([1], to: "mixed/1/variables/variables.index")
        try scratch.write([1], to: "unversioned/saved_model.pb")
        try scratch.write(Array("server_key: 'K'".utf8), to: "bad-ssl.cfg")
        try scratch.write([UInt8](repeating: 7, count: 16), to: "key")
        try scratch.write([UInt8](repeating: 7, count: 15), to: "short-key")
        try scratch.write(Array("no PEM".utf8), to: "ca.pem")
        return scratch
    }

    @Test(
        "what cannot be served is told by its own error and status",
        arguments: [
            (["--model_base_path=sealed", "--wrap-key-file", "key"], 78, "plaintext-refused"),
            (["--model_base_path=sealed", "--ssl_config_file=bad-ssl.cfg", "--wrap-key-file=key"], 65, "mixed-sealing"),
            (["--model_base_path=plain", "--ssl_config_file=nowhere"], 66, "unreadable-file"),
            (["--model_base_path=plain", "--tensorflow-library", "/nowhere.so"], 69, "tensorflow-not-found"),
            (["--model_base_path=plain", "--broker", "localhost"], 64, "missing-broker-ca"),
            (["--model_base_path=plain", "--broker-ca", "ca.pem"], 64, "missing-broker"),
            (["--model_base_path=plain", "--broker", "localhost", "--wrap-key-file", "key"], 64, "conflicting-options"),
            (["--model_base_path=plain", "--mr-enclave", "00"], 64, "missing-simulated-platform"),
            (["--model_config_file=list", "--mount-path", "models/m", "--wrap-key-file", "key"], 64, "conflicting-options"),
            (["--model_base_path=plain", "--tensorflow_session_parallelism=1", "--tensorflow_intra_op_parallelism=1"], 64, "bad-parallelism"),
            (["--model_base_path=plain", "--tensorflow_inter_op_parallelism=-1"], 64, "bad-parallelism"),
        ] as [([String], Int32, String)])
    func serveRefusals(arguments: [String], status: Int32, identifier: String) async throws {
        let scratch = try Self.scratch()
        let result = try await BuiltCommand.run(["serve", "--port", "0", "--exit-on-failure"] + arguments, workingDirectory: scratch.path)
        #expect(result.status == status, "\(result.error)")
        #expect(result.error.contains("[\(identifier)]"), "\(result.error)")
        #expect(result.output.isEmpty)
    }

    @Test(
        "with TensorFlow at hand, what fails later is told too",
        .enabled(if: TensorFlowSetUp.isThere, "needs TensorFlow's library"),
        arguments: [
            (["--model_base_path", "nowhere"], 66, "missing-model-folder"),
            (["--model_base_path", "unversioned"], 66, "no-model-versions"),
            (["--model_base_path=sealed"], 64, "key-needed"),
            (["--model_base_path=mixed", "--wrap-key-file", "key", "--allow-plaintext"], 65, "mixed-sealing"),
            (["--model_base_path=plain", "--wrap-key-file", "key", "--allow-plaintext"], 65, "not-sealed"),
            (["--model_base_path=sealed", "--wrap-key-file=short-key", "--allow-plaintext"], 65, "bad-key-size"),
            (["--model_base_path=sealed", "--wrap-key-file=nowhere", "--allow-plaintext"], 66, "unreadable-file"),
            (["--model_base_path=plain", "--ssl_config_file=bad-ssl.cfg"], 78, "bad-ssl-configuration"),
            (["--model_base_path=plain"], 65, "no-such-tags"),
        ] as [([String], Int32, String)])
    func laterRefusals(arguments: [String], status: Int32, identifier: String) async throws {
        let scratch = try Self.scratch()
        let result = try await BuiltCommand.run(["serve", "--port", "0", "--exit-on-failure"] + arguments, workingDirectory: scratch.path)
        #expect(result.status == status, "\(result.error)")
        #expect(result.error.contains("[\(identifier)]"), "\(result.error)")
        #expect(result.output.isEmpty)
    }

    @Test("a broker that cannot be reached is told", .enabled(if: TensorFlowSetUp.isThere, "needs TensorFlow's library"))
    func brokerUnreachable() async throws {
        let scratch = try Self.scratch()
        _ = try await BuiltCommand.run("simulate", "init", "--output", scratch.file("platform"))
        _ = try await BuiltCommand.run("tls", "issue", "--server", "localhost", "--client", "c", "--output", scratch.file("tls"))
        // Port 1 is below those that ordinary programs listen on.
        let result = try await BuiltCommand.run(
            "serve", "--exit-on-failure", "--model_base_path=sealed", "--broker", "127.0.0.1:1", "--broker-ca", "tls/ca_cert.pem",
            "--simulated-platform", "platform",
            "--allow-plaintext", workingDirectory: scratch.path)
        #expect(result.status == 69)
        #expect(result.error.contains("[broker-unreachable]"))
        #expect(result.error.contains("INSECURE"))
    }

    @Test(
        "predict refuses what cannot be asked",
        arguments: [
            (["--server", "127.0.0.1:1", "--input", "x=1"], 69, "server-unreachable"),
            (["--server", "host:port"], 64, "bad-server"),
            (["--server", "[::1"], 64, "bad-server"),
            (["--server", "127.0.0.1:1", "--input", "x"], 64, "bad-input"),
            (["--server", "127.0.0.1:1", "--input", "x=@nowhere.json"], 66, "unreadable-file"),
            (["--server", "127.0.0.1:1", "--ca", "ca.pem"], 65, "bad-credentials"),
            (["--server", "127.0.0.1:1", "--ca", "ca.pem", "--certificate", "ca.pem"], 65, "bad-credentials"),
        ] as [([String], Int32, String)])
    func predictRefusals(arguments: [String], status: Int32, identifier: String) async throws {
        let scratch = try Self.scratch()
        let result = try await BuiltCommand.run(["predict", "--model", "m"] + arguments, workingDirectory: scratch.path)
        #expect(result.status == status, "\(result.error)")
        #expect(result.error.contains("[\(identifier)]"), "\(result.error)")
        #expect(result.output.isEmpty)
    }
}
