// SPDX-License-Identifier: Apache-2.0

import Foundation
import GramineManifests
import TestSupport
import Testing

@Suite("Manifest lint")
struct ManifestLintTests {
    /// The template of the project, which is the sound manifest that each test damages in one place.
    private static func template(_ name: String) throws -> String {
        try String(contentsOfFile: "\(Checkout.path)/deploy/gramine/\(name).manifest.template", encoding: .utf8)
    }

    private static func rules(_ text: String, _ version: String = "1.9") throws -> [String] {
        try GramineManifest(text).findings(for: try #require(GramineVersion(version))).map(\.rule)
    }

    @Test("the project's own templates have no fault", arguments: ["sealwright-serve", "tensorflow-model-server"], ["1.8", "1.9"])
    func sound(name: String, version: String) throws {
        let findings = try GramineManifest(try Self.template(name)).findings(for: try #require(GramineVersion(version)))
        #expect(findings.isEmpty, "\(findings)")
    }

    /// The faults of the recipe's own template (rows 1 to 12, 19, 26 and 40 of the list of its faults), each put into a sound manifest.
    static let recipe: [(remove: String, add: String, rule: String)] = [
        ("", "loader.insecure__use_cmdline_argv = true", "host-command-line"),
        ("", "sgx.allowed_files = [\"file:ssl.cfg\"]", "allowed-secret"),
        ("", "sgx.allowed_files = [\"file:/etc/hosts\", \"file:/etc/resolv.conf\"]", "allowed-host-configuration"),
        ("  { type = \"tmpfs\", path = \"/tmp\" },", "  { path = \"/etc\", uri = \"file:/etc\" },", "host-tree-mounted"),
        ("", "sgx.allowed_files = [\"file:/tmp\"]", "allowed-scratch"),
        ("sgx.remote_attestation = \"dcap\"", "sgx.remote_attestation = true", "remote-attestation"),
        ("sgx.remote_attestation = \"dcap\"", "sgx.remote_attestation = 1", "remote-attestation"),
        ("sgx.remote_attestation = \"dcap\"", "sgx.remote_attestation = \"epid\"", "remote-attestation"),
        ("sgx.remote_attestation = \"dcap\"", "", "remote-attestation"),
        ("", "sgx.thread_num = 400", "key-gone"),
        ("sgx.max_threads = 128", "", "threads"),
        ("sgx.max_threads = 128", "sgx.max_threads = 400", "threads"),
        ("", "sgx.nonpie_binary = true", "key-gone"),
        ("", "loader.pal_internal_mem_size = \"200M\"", "key-gone"),
        ("", "sgx.ra_client_spid = \"\"", "key-gone"),
        ("", "loader.entrypoint = \"file:{{ gramine.libos }}\"", "entrypoint-form"),
        (
            "path = \"/models/{{ model_name }}\", uri = \"file:/sealed/models/{{ model_name }}\"",
            "path = \"/models/{{ model_name }}\", uri = \"file:models/x/1/saved_model.pb\"", "encrypted-single-file"
        ),
        ("", "sgx.protected_files = [\"file:models/x/1/saved_model.pb\"]", "encrypted-single-file"),
        ("sgx.isvprodid = 2", "", "isv-numbers"),
        ("sgx.isvsvn = {{ isv_svn }}", "", "isv-numbers"),
        ("sgx.debug = false", "", "debug-line"),
        ("LD_LIBRARY_PATH = \"/lib:", "LD_LIBRARY_PATH = \"./:/lib:", "relative-library-path"),
        ("LD_LIBRARY_PATH = \"/lib:", "LD_LIBRARY_PATH = \"/lib::", "relative-library-path"),
        (
            "\"file:/usr/bin/tensorflow_model_server\",", "\"file:/usr/bin/tensorflow_model_server\", \"file:{{ python.distlib }}/\",",
            "python-libraries"
        ),
        ("fs.root = { type = \"tmpfs\" }", "", "host-root"),
        ("loader.env.OMP_NUM_THREADS = \"4\"", "", "thread-settings"),
        ("--rest_api_port=0", "--rest_api_port=8501", "plain-rest"),
        ("", "loader.env.RA_TLS_ALLOW_OUTDATED_TCB_INSECURE = \"1\"", "loosened-verification"),
        ("", "sgx.allowed_files = [\"file:/\"]", "allowed-everything"),
    ]

    /// Other ways to go wrong.
    static let other: [(remove: String, add: String, rule: String)] = [
        ("", "sgx.enclave_sise = \"2G\"", "unknown-key"),
        ("sgx.max_threads = 128", "sgx.max_threads = \"128\"", "wrong-type"),
        ("sgx.debug = false", "sgx.debug = true", "debug-enclave"),
        ("loader.log_level = \"error\"", "loader.log_level = \"debug\"", "log-level"),
        ("", "loader.log_file = \"log\"", "log-level"),
        ("", "sgx.insecure__rpc_thread_num = 8", "insecure-key"),
        ("", "fs.insecure__keys.default = \"00112233445566778899aabbccddeeff\"", "insecure-key"),
        ("", "loader.insecure__use_host_env = true", "host-environment"),
        ("", "loader.env.LD_AUDIT = { passthrough = true }", "passed-variable"),
        ("sgx.enclave_size = \"{{ enclave_size }}\"", "sgx.enclave_size = \"3G\"", "enclave-size"),
        ("sgx.enclave_size = \"{{ enclave_size }}\"", "", "enclave-size"),
        ("sys.stack.size = \"2M\"", "", "stack-size"),
        ("sys.disallow_subprocesses = true", "", "subprocesses"),
        ("sys.enable_sigterm_injection = true", "", "termination"),
        ("sgx.edmm_enable = false", "sgx.edmm_enable = true\nsgx.preheat_enclave = true", "edmm-and-preheat"),
        ("sgx.file_check_policy = \"strict\"", "sgx.file_check_policy = \"allow_all_but_log\"", "file-check-policy"),
        ("", "sgx.enable_stats = true", "debugging-aids"),
        ("libos.entrypoint = \"/usr", "libos.entrypoint = \"usr", "relative-entrypoint"),
        ("  \"--ssl_config_file=/ssl.cfg\",", "", "no-tls"),
        ("--ssl_config_file=/ssl.cfg", "--ssl_config_file=/etc/ssl.cfg", "not-encrypted"),
        ("SET_KEY = \"default\"", "SET_PF_KEY = \"1\"", "provisioning-variables"),
        ("SECRET_PROVISION_CA_CHAIN_PATH = \"/etc/sealwright", "SECRET_PROVISION_CA_CHAIN_PATH = \"/tmp", "provisioning-variables"),
        ("", "sgx.allowed_files = [\"file:/usr/bin/tensorflow_model_server\"]", "trusted-and-allowed"),
        ("", "sgx.allowed_files = [\"file:/srv/x\"]", "allowed-file"),
        ("key_name = \"default\" },\n]", "key_name = \"_mine\" },\n]", "encrypted-key-name"),
        ("type = \"tmpfs\", path = \"/tmp\"", "type = \"ramfs\", path = \"/tmp\"", "incomplete-mount"),
        ("\"file:/usr/bin/tensorflow_model_server\",", "\"file:/usr/bin/tensorflow_model_server\", \"file:/usr/\",", "trusted-tree"),
    ]

    @Test("each fault of the recipe's template, and others, are found where they are, and nowhere else", arguments: Self.recipe + Self.other)
    func fault(remove: String, add: String, rule: String) throws {
        let sound = try Self.template("tensorflow-model-server")
        if !remove.isEmpty { try #require(sound.contains(remove), "the template no longer has what this test replaces") }
        let damaged = remove.isEmpty ? "\(sound)\n\(add)\n" : sound.replacing(remove, with: add, maxReplacements: 1)
        let rules = try Self.rules(damaged)
        #expect(rules.contains(rule), "found \(rules)")
        // A key that is gone may be a fault of its own besides.
        #expect(Set(rules).subtracting(["key-gone"]).count <= 1, "found \(rules)")
    }

    @Test("what a release does not know yet, or no longer, is told for that release alone")
    func releases() throws {
        let sound = try Self.template("tensorflow-model-server")
        #expect(try Self.rules(sound, "1.3").contains("key-too-new"))
        #expect(try Self.rules(sound, "1.7").contains("entrypoint-missing"))
        let withOldThreads = sound + "\nsgx.thread_num = 16\n"
        #expect(try !Self.rules(withOldThreads, "1.4").contains("key-gone"))
        #expect(try Self.rules(withOldThreads, "1.5").contains("key-gone"))
        #expect(try Self.rules(try Self.template("sealwright-serve"), "1.6").contains("release-too-old"))
        let withTruth = sound.replacing("sgx.remote_attestation = \"dcap\"", with: "sgx.remote_attestation = true")
        let finding = try GramineManifest(withTruth).findings(for: try #require(GramineVersion("1.3.1"))).first { $0.rule == "remote-attestation" }
        #expect(finding?.severity == .warning)
    }

    @Test(
        "our own server's sealed folder may be allowed, has to be mounted plainly, and nothing else may be allowed",
        arguments: [
            ("\"file:/sealed/\"", "\"file:/sealed/\", \"file:/srv/other\"", "allowed-file"),
            ("sgx.allowed_files = [ \"file:/sealed/\" ]", "", "not-mounted"),
            ("{ path = \"/sealed\", uri = \"file:/sealed\" }", "{ type = \"encrypted\", path = \"/sealed\", uri = \"file:/sealed\" }", "not-mounted"),
            (
                "SEALWRIGHT_MAX_THREADS = \"{{ max_threads }}\"", "SEALWRIGHT_MAX_THREADS = \"{{ max_threads }}\"\nsgx.max_threads = 40",
                "manifest-syntax"
            ),
            ("loader.env.SWIFT_BACKTRACE", "#", "backtraces"),
        ])
    func serve(remove: String, add: String, rule: String) throws {
        let damaged = try Self.template("sealwright-serve").replacing(remove, with: add, maxReplacements: 1)
        do {
            #expect(try Self.rules(damaged).contains(rule))
        } catch let error as ManifestError {
            #expect(rule == "manifest-syntax" && error.message.contains("line "), "\(error)")
        }
    }

    @Test("numbers of threads that contradict each other are found")
    func threadNumbers() throws {
        let rendered = try Self.template("sealwright-serve").replacing("sgx.max_threads = {{ max_threads }}", with: "sgx.max_threads = 40")
        #expect(try Self.rules(rendered.replacing("{{ max_threads }}", with: "32")).contains("threads"))
        #expect(try !Self.rules(rendered.replacing("{{ max_threads }}", with: "40")).contains("threads"))
    }

    @Test("the worst comes first")
    func order() throws {
        let severities = try GramineManifest("sgx.debug = true\n").findings(for: .newest).map(\.severity)
        #expect(severities == severities.sorted())
        #expect(severities.first == .error && severities.last == .warning)
    }

    @Test("what is not TOML is refused with its line", arguments: ["a = ", "a = 1\na = 2", "[[", "x = \"\u{0}\""])
    func syntax(text: String) {
        let error = #expect(throws: ManifestError.self) { try GramineManifest("# first\n\(text)\n") }
        #expect(error?.message.contains("line ") == true)
    }

    static let versions: [(String, Int?)] = [("1.9", 9), ("v1.3.1", 3), ("1.10", nil), ("1.2", nil), ("2.0", nil), ("1.x", nil), ("", nil)]

    @Test("versions are read as they are written", arguments: Self.versions)
    func version(text: String, minor: Int?) {
        #expect(GramineVersion(text)?.minor == minor)
    }
}
