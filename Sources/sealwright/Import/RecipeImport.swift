// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Foundation
import KeyBroker
import ModelServing
import ProtectedFiles
import RATLS

/// Turns an existing deployment of the recipe into a policy and the commands of a broker and a server.
struct RecipeImport {
    /// What was found that is unsafe.
    private(set) var findings: [RecipeFinding] = []
    private let deployment: RecipeDeployment
    private let settings: RecipeSettings
    private var measurements: [RecipeMeasurements.Entry] = []
    private var wrapKey: [UInt8]?
    private var hasSSLConfiguration = false

    init(_ deployment: RecipeDeployment) throws {
        self.deployment = deployment
        self.settings = try RecipeSettings(deployment)
        if let file = deployment.named("ra_config.json").first {
            let read = try RecipeMeasurements(try deployment.bytes(file), file: file)
            self.measurements = read.entries
            self.findings += read.findings
        } else {
            self.add("no-measurements", ".", "there is no ra_config.json", "the policy releases the key to nobody until you name an enclave")
        }
        self.findings += self.settings.findings
        try self.readWrapKey()
        try self.readSSLConfiguration()
        self.lookAtKeys()
    }

    private mutating func add(_ identifier: String, _ file: String, _ message: String, _ instead: String) {
        self.findings.append(RecipeFinding(identifier: identifier, file: file, message: message, instead: instead))
    }

    private mutating func readWrapKey() throws {
        guard let file = (self.deployment.named("wrap_key") + self.deployment.named("wrap-key")).first else { return }
        let key = try self.deployment.bytes(file)
        guard key.count == 16 else {
            return self.add(
                "bad-wrap-key", file, "it has \(key.count) bytes, a wrap key has 16", "make one: sealwright key generate --output wrap-key")
        }
        self.wrapKey = key
        let instead = "copied, so that sealed files can be opened; make a new one and rewrap them (sealwright key generate, sealwright rewrap)"
        if let published = PublishedKey.match(key.span) {
            self.add("published-key", file, "everybody has this key: \(published.source)", instead)
        } else if file.hasSuffix("files/wrap_key") || file.hasSuffix("files/wrap-key") {
            self.add("published-key", file, "this is where the recipe's repository publishes a wrap key: everybody may have it", instead)
        }
    }

    private mutating func readSSLConfiguration() throws {
        guard let file = self.deployment.named("ssl.cfg").first else {
            return self.add(
                "no-ssl-configuration", ".", "there is no ssl.cfg: the upstream server then answers without TLS", "make a set: sealwright tls issue")
        }
        guard let text = String(validating: try self.deployment.bytes(file), as: UTF8.self),
            let configuration = try? SSLConfiguration(textFormat: text)
        else {
            return self.add(
                "bad-ssl-configuration", file, "it is no SSLConfig in protobuf's text format, or lacks something", "make a set: sealwright tls issue")
        }
        self.hasSSLConfiguration = true
        if !configuration.clientVerify {
            self.add(
                "no-client-certificates", file, "client_verify is off: anybody may ask the model", "make a set for mutual TLS: sealwright tls issue")
        }
        if self.deployment.mode(file) & 0o077 != 0 {
            self.add("readable-key", file, "it holds the server's key and can be read by others", "copied with mode 0600; seal it")
        }
        try self.lookAtCertificate(Array(configuration.serverCertificate.utf8), file)
    }

    private mutating func lookAtCertificate(_ pem: [UInt8], _ file: String) throws {
        guard let facts = try? CertificateFacts(pem: pem, name: file) else { return }
        if facts.names.isEmpty {
            self.add(
                "no-certificate-names", file, "the server's certificate has no subject alternative name: today's clients refuse it",
                "make a set: sealwright tls issue")
        }
        if facts.notAfter < Date() {
            self.add("expired", file, "the server's certificate ended \(facts.notAfter.formatted(.iso8601))", "make a set: sealwright tls issue")
        }
    }

    /// Private keys that lie in the folder, which may be a checkout of the published repository.
    private mutating func lookAtKeys() {
        for file in self.deployment.ending(in: ".key") where file.contains("secret_prov/") || file.contains("client/ssl/") {
            self.add(
                "published-key", file, "private keys at this place are published with the recipe",
                "make a set for the broker: sealwright tls issue --server HOST --output broker_tls")
        }
    }

    // MARK: - Writing

    /// Writes the folder, whole or not at all; the policy is read back by the broker's own reader first.
    func write(to output: String, replacing: Bool) throws {
        let policy = Array(self.policy.utf8)
        _ = try Policy(yaml: policy, file: "policy.yaml")
        let folder = try OutputFolder(path: output, permissions: 0o700, replacing: replacing)
        try folder.write(policy, to: "policy.yaml", permissions: 0o644)
        try folder.write(Array(self.brokerScript.utf8), to: "broker.sh", permissions: 0o755)
        try folder.write(Array(self.serverScript.utf8), to: "server.sh", permissions: 0o755)
        if let wrapKey { try folder.write(wrapKey, to: "wrap-key", permissions: 0o600) }
        if self.hasSSLConfiguration, let file = self.deployment.named("ssl.cfg").first {
            try folder.write(try self.deployment.bytes(file), to: "ssl.cfg", permissions: 0o600)
        }
        try folder.commit()
    }

    var policy: String {
        var lines = [
            "# Imported from a deployment of the original recipe; see `sealwright broker policy check policy.yaml`.", "version: 1", "secrets:",
            "  - name: wrap-key", "    file: wrap-key", "    encoding: raw", "    production: true",
        ]
        guard !self.measurements.isEmpty else {
            return
                (lines + ["# Nobody gets the key: no measurement could be taken over. Add a rule with mr_enclave and mr_signer.", "rules: []", ""])
                .joined(separator: "\n")
        }
        lines.append("rules:")
        for entry in self.measurements {
            lines += ["  - secret: wrap-key", "    sgx:"]
            if let value = entry.mrEnclave { lines.append("      mr_enclave: [\"\(value)\"]") }
            if let value = entry.mrSigner { lines.append("      mr_signer: [\"\(value)\"]") }
            if let value = entry.productID { lines.append("      isv_prod_id: \(value)") }
            if let value = entry.minimumSVN { lines.append("      minimum_isv_svn: \(value)") }
            lines += ["    tcb: { accept: [UpToDate] }", "    freshness: tls-only    # Gramine's own protocol, which the recipe's server speaks"]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private var brokerScript: String {
        """
        #!/bin/sh
        # The key broker in the place of the recipe's key service, on the same port. Needs broker_tls: sealwright tls issue --server HOST
        # --client operator --output broker_tls
        cd "$(dirname "$0")"
        exec sealwright broker serve --policy policy.yaml \\
            --certificate broker_tls/server/cert.pem --private-key broker_tls/server/key.pem \\
            --port 4433 --pccs-url '\(Self.quotable(self.settings.collateralURL ?? "https://localhost:8081/sgx/certification/v4/"))' --log decisions.jsonl

        """
    }

    private var serverScript: String {
        let model = Self.quotable(self.settings.modelName ?? "model")
        return """
            #!/bin/sh
            # The model server. Seal first: sealwright seal --key wrap-key --input ssl.cfg --output sealed/ssl.cfg --mount-path ssl.cfg
            # and the model: sealwright seal --key wrap-key --input models/\(model) --output sealed/\(model) --mount-path models/\(model)
            cd "$(dirname "$0")"
            exec sealwright serve --model_name '\(model)' --model_base_path 'sealed/\(model)' --mount-path 'models/\(model)' --port 8500 \\
                --ssl_config_file sealed/ssl.cfg --ssl-mount-path ssl.cfg --broker "${BROKER:-localhost:4433}" --broker-ca broker_tls/ca_cert.pem

            """
    }

    /// Text of somebody's file, for single quotes in a script.
    private static func quotable(_ text: String) -> String {
        text.filter { $0.isASCII && ($0.isLetter || $0.isNumber || ":/._-?=&".contains($0)) }
    }
}
