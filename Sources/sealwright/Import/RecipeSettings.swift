// SPDX-License-Identifier: Apache-2.0

import Foundation
import RATLS

/// What the recipe's scripts, manifest and configuration files say, and which of it is unsafe.
struct RecipeSettings {
    /// Base of the collateral service.
    private(set) var collateralURL: String?
    private(set) var modelName: String?
    private(set) var findings: [RecipeFinding] = []

    init(_ deployment: RecipeDeployment) throws {
        for file in deployment.named("sgx_default_qcnl.conf") { self.readQCNL(try deployment.text(file), file) }
        for file in deployment.ending(in: ".manifest.template") { self.readManifest(try deployment.text(file), file) }
        for file in deployment.ending(in: ".sh") + deployment.ending(in: ".yaml") + deployment.ending(in: ".dockerfile") {
            self.readScript(try deployment.text(file), file)
        }
    }

    private mutating func add(_ identifier: String, _ file: String, _ message: String, _ instead: String) {
        self.findings.append(RecipeFinding(identifier: identifier, file: file, message: message, instead: instead))
    }

    private mutating func readQCNL(_ text: String, _ file: String) {
        let configuration = QuoteProviderConfiguration(text)
        self.collateralURL = self.collateralURL ?? configuration.collateralURL
        if !configuration.checksCertificate {
            self.add(
                "insecure-collateral", file, "use_secure_cert is off: whoever is on the way can keep collateral back or make it old",
                "the broker verifies the service's certificate; give its CA with --pccs-ca if it is your own PCCS")
        }
        if let url = self.collateralURL, url.contains("service.com") {
            self.add("placeholder-collateral", file, "the collateral service is the recipe's placeholder, \(url)", "put your own into broker.sh")
        }
    }

    private mutating func readManifest(_ text: String, _ file: String) {
        let lines = text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.hasPrefix("#") }
        let settings = lines.joined(separator: "\n")
        let has = { (key: String, values: [String]) in
            lines.contains { line in line.hasPrefix(key) && values.contains { line.hasSuffix("= \($0)") || line.hasSuffix("=\($0)") } }
        }
        if has("loader.insecure__use_cmdline_argv", ["true", "1"]) {
            self.add(
                "host-arguments", file, "the host chooses the server's arguments (insecure__use_cmdline_argv): it can drop TLS or name another model",
                "fix the arguments in the manifest (loader.argv)")
        }
        if has("loader.insecure__use_host_env", ["true", "1"]) {
            self.add("host-environment", file, "the host chooses the environment", "fix the variables in the manifest (loader.env)")
        }
        if has("sgx.debug", ["true", "1"]) {
            self.add(
                "debug-enclave", file, "the enclave is built for debugging: its memory can be read",
                "the policy refuses debug enclaves; build with sgx.debug = false")
        }
        if settings.contains("allowed_files") {
            let allowed = settings.components(separatedBy: "allowed_files").dropFirst().joined().components(separatedBy: "]").first ?? ""
            if allowed.contains("ssl.cfg") {
                self.add(
                    "plain-server-key", file, "ssl.cfg is an allowed file: the server's key lies in plain text on the host, which may replace it",
                    "server.sh opens a sealed ssl.cfg: seal it (sealwright seal)")
            }
            if allowed.contains("\"file:/\"") {
                self.add("whole-host-allowed", file, "every file of the host is an allowed file", "name the few that are needed")
            } else if allowed.contains("/etc/hosts") || allowed.contains("/etc/resolv.conf") {
                self.add(
                    "host-names", file, "the host chooses names and addresses (/etc/hosts, resolv.conf)",
                    "certificates carry the trust: issue them with names")
            }
        }
        if has("sgx.remote_attestation", ["1", "true"]) {
            self.add("old-attestation", file, "sgx.remote_attestation has its old form", "write sgx.remote_attestation = \"dcap\"")
        }
        if settings.contains("sgx.thread_num") {
            self.add("dead-thread-number", file, "sgx.thread_num is ignored from Gramine 1.5 on", "write sgx.max_threads")
        }
        if !settings.contains("sgx.isvsvn") && !settings.contains("sgx.isv_svn") {
            self.add(
                "no-version-number", file, "no isvsvn: builds of one signer cannot be told apart",
                "set sgx.isvprodid and sgx.isvsvn, raise the latter with each fix")
        }
    }

    private mutating func readScript(_ text: String, _ file: String) {
        let allowances = [
            ("RA_TLS_ALLOW_OUTDATED_TCB_INSECURE", "outdated-tcb", "machines with outdated firmware get the key"),
            ("RA_TLS_ALLOW_DEBUG_ENCLAVE_INSECURE", "debug-enclave", "debug enclaves, whose memory can be read, get the key"),
            ("RA_TLS_ALLOW_HW_CONFIG_NEEDED", "hardware-configuration", "machines that need another configuration get the key"),
            ("RA_TLS_ALLOW_SW_HARDENING_NEEDED", "software-hardening", "enclaves that need hardened software get the key"),
        ]
        for (variable, identifier, meaning) in allowances where text.contains("\(variable)=1") || text.contains("\(variable)=\"1\"") {
            self.add(identifier, file, "\(variable) is on: \(meaning)", "the policy accepts UpToDate alone; a waiver needs a reason and an end")
        }
        for line in text.split(separator: "\n").map({ $0.trimmingCharacters(in: .whitespaces) }) where !line.hasPrefix("#") {
            if let range = line.range(of: "rest_api_port="), !line[range.upperBound...].hasPrefix("0") {
                self.add(
                    "plain-rest", file, "REST is on, which the upstream server offers without TLS: inputs leave in the clear",
                    "server.sh offers gRPC over TLS alone")
            }
            if line.contains("privileged: true") {
                self.add("privileged-pod", file, "the pod is privileged: it owns its node", "ask for the SGX device plugin's resources instead")
            }
            if let range = line.range(of: "model_name="), self.modelName == nil {
                let name = line[range.upperBound...].prefix { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" || $0 == "." }
                if !name.isEmpty { self.modelName = String(name) }
            }
        }
    }
}
