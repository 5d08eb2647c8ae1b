// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@Suite("sealwright import cczoo")
struct ImportCommandTests {
    private static let measurement = String(repeating: "5ea1", count: 16)

    /// A deployment with one of each fault.
    private func deployment(_ scratch: ScratchFolder, ra: String) throws {
        try scratch.write(Array(ra.utf8), to: "docker/secret_prov/ra_config.json")
        try scratch.write([UInt8](repeating: 7, count: 16), to: "docker/client/files/wrap_key")
        try scratch.write(
            Array("{ \"pccs_url\": \"https://pccs.example:8081/sgx/certification/v4/\", // ours\n  \"use_secure_cert\": false }".utf8),
            to: "docker/secret_prov/sgx_default_qcnl.conf")
        try scratch.write(
            Array(
                "loader.insecure__use_cmdline_argv = true\nsgx.debug = true\nsgx.thread_num = 400\nsgx.allowed_files = [\n \"file:ssl.cfg\",\n]\n"
                    .utf8),
            to: "docker/tf_serving/tensorflow_model_server.manifest.template")
        try scratch.write(
            Array("export RA_TLS_ALLOW_OUTDATED_TCB_INSECURE=1\nexport RA_TLS_ALLOW_DEBUG_ENCLAVE_INSECURE=1\n".utf8),
            to: "docker/secret_prov/entrypoint_secret_prov_server.sh")
        try scratch.write(
            Array("gramine-sgx tensorflow_model_server --model_name=resnet50 --rest_api_port=8501\n".utf8), to: "docker/tf_serving/entrypoint.sh")
    }

    private static let wholeConfiguration = """
        { "verify_mr_enclave": "on", "verify_mr_signer": "on", "verify_isv_prod_id": "on", "verify_isv_svn": "off",
          "mrs": [ { "mr_enclave": "\(measurement)", "mr_signer": "", "isv_prod_id": "3", "isv_svn": "2" } ] }
        """

    @Test("each unsafe setting is named, and a policy that the broker takes is written")
    func imported() async throws {
        struct Finding: Decodable {
            let identifier: String
            let instead: String
        }
        let scratch = try ScratchFolder()
        try self.deployment(scratch, ra: Self.wholeConfiguration)
        let result = try await BuiltCommand.run("import", "cczoo", scratch.file("docker"), "--output", scratch.file("out"), "--json")
        #expect(result.status == 0, "\(result.error)")
        let findings = try JSONDecoder().decode([Finding].self, from: Data(result.output.utf8))
        #expect(
            Set(findings.map(\.identifier)).isSuperset(of: [
                "measurement-off", "insecure-collateral", "host-arguments", "debug-enclave", "dead-thread-number", "plain-server-key", "outdated-tcb",
                "plain-rest", "published-key", "no-ssl-configuration", "misread-numbers",
            ]))
        #expect(findings.allSatisfy { !$0.instead.isEmpty })
        let policy = try String(contentsOfFile: scratch.file("out/policy.yaml"), encoding: .utf8)
        #expect(policy.contains("mr_enclave: [\"\(Self.measurement)\"]"))
        #expect(!policy.contains("mr_signer"))
        #expect(policy.contains("isv_prod_id: 3"))
        #expect(policy.contains("minimum_isv_svn: 2"))
        #expect(policy.contains("accept: [UpToDate]"))
        let checked = try await BuiltCommand.run("broker", "policy", "check", scratch.file("out/policy.yaml"))
        #expect(checked.status == 0, "\(checked.error)")
        let broker = try String(contentsOfFile: scratch.file("out/broker.sh"), encoding: .utf8)
        #expect(broker.contains("--pccs-url 'https://pccs.example:8081/sgx/certification/v4/'"))
        #expect(try String(contentsOfFile: scratch.file("out/server.sh"), encoding: .utf8).contains("--model_name 'resnet50'"))
        let mode = try FileManager.default.attributesOfItem(atPath: scratch.file("out/wrap-key"))[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test("where the original gives the key to everyone, the policy gives it to nobody until an enclave is named")
    func acceptsEveryone() async throws {
        let scratch = try ScratchFolder()
        try self.deployment(
            scratch,
            ra:
                "{ \"verify_mr_enclave\": \"off\", \"verify_mr_signer\": \"off\", \"verify_isv_prod_id\": \"off\", \"verify_isv_svn\": \"off\", \"mrs\": [] }"
        )
        let result = try await BuiltCommand.run("import", "cczoo", scratch.file("docker"), "--output", scratch.file("out"))
        #expect(result.status == 0, "\(result.error)")
        #expect(result.output.contains("[accepts-everyone]"))
        #expect(try String(contentsOfFile: scratch.file("out/policy.yaml"), encoding: .utf8).contains("rules: []"))
    }

    @Test("a folder without the recipe's files, or a damaged file, is refused, and nothing is written")
    func refusals() async throws {
        let scratch = try ScratchFolder()
        try scratch.write([1], to: "empty/x")
        let empty = try await BuiltCommand.run("import", "cczoo", scratch.file("empty"), "--output", scratch.file("out"))
        #expect(empty.status == 66)
        #expect(empty.error.contains("[no-deployment]"))
        try self.deployment(scratch, ra: "{")
        let damaged = try await BuiltCommand.run("import", "cczoo", scratch.file("docker"), "--output", scratch.file("out"))
        #expect(damaged.status == 65)
        #expect(damaged.error.contains("[bad-ra-config]"))
        #expect(!FileManager.default.fileExists(atPath: scratch.file("out")))
    }
}
