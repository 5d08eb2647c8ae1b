// SPDX-License-Identifier: Apache-2.0

extension ManifestRule {
    /// The environment is fixed, and says what the programs inside read.
    static let environment: [ManifestRule] = [
        ManifestRule("host-environment", .error) { manifest, _ in
            guard manifest["loader.insecure__use_host_env"]?.boolean == true else { return [] }
            return [
                Fault(
                    key: "loader.insecure__use_host_env", message: "the host sets the environment, and with LD_PRELOAD the code that runs",
                    remedy: "loader.env.NAME = \"value\" for each variable")
            ]
        },
        ManifestRule("passed-variable", .warning) { manifest, _ in
            (manifest["loader.env"]?.table ?? [:]).sorted { $0.key < $1.key }.compactMap { name, value in
                guard let isPassed = value.table?["passthrough"]?.boolean else { return nil }
                let key = "loader.env.\(name)"
                if !isPassed {
                    return Fault(key: key, message: "`passthrough = false` ends the start with an error", remedy: "remove the line", severity: .error)
                }
                return Fault(
                    key: key, message: "the host chooses its value", remedy: "\(key) = \"value\"",
                    severity: name.hasPrefix("LD_") || name.hasPrefix("RA_TLS") || name.hasPrefix("SECRET_PROVISION") ? .error : .warning)
            }
        },
        ManifestRule("relative-library-path", .error) { manifest, _ in
            guard let value = manifest.environment["LD_LIBRARY_PATH"] else { return [] }
            let relative = value.split(separator: ":", omittingEmptySubsequences: false).filter { !$0.hasPrefix("/") && !$0.hasPrefix("{{") }
            guard !relative.isEmpty else { return [] }
            return [
                Fault(
                    key: "loader.env.LD_LIBRARY_PATH",
                    message:
                        "`\(relative.map { $0.isEmpty ? "(empty)" : String($0) }.joined(separator: "`, `"))` is the working directory, which the host fills",
                    remedy: "name absolute folders that are mounted and trusted, and no others")
            ]
        },
        ManifestRule("python-libraries", .warning) { manifest, _ in
            let isPython = { (text: String) in text.contains("python") }
            var faults = manifest.uris("sgx.trusted_files").filter(isPython).map { ("sgx.trusted_files", $0) }
            if let path = manifest.environment["LD_LIBRARY_PATH"], isPython(path) { faults.append(("loader.env.LD_LIBRARY_PATH", path)) }
            guard manifest.program != .other else { return [] }
            return faults.map {
                Fault(
                    key: $0.0,
                    message:
                        "`\($0.1)`: Python's libraries are hashed at each signing though a model server uses none, and each of their updates changes MRENCLAVE",
                    remedy: "remove it")
            }
        },
        ManifestRule("loosened-verification", .error) { manifest, _ in
            manifest.environment.sorted { $0.key < $1.key }.filter { $0.key.hasPrefix("RA_TLS_ALLOW_") && $0.value != "0" }.map {
                Fault(
                    key: "loader.env.\($0.key)", message: "accepts evidence that the default refuses",
                    remedy: "remove it, and give a waiver with an end in the broker's policy")
            }
        },
        ManifestRule("provisioning-variables", .error) { manifest, version in
            let names = manifest.environment.filter { $0.key.hasPrefix("SECRET_PROVISION_") }
            guard !names.isEmpty else { return [] }
            var faults: [Fault] = []
            if names["SECRET_PROVISION_SET_PF_KEY"] != nil {
                faults.append(
                    Fault(
                        key: "loader.env.SECRET_PROVISION_SET_PF_KEY", message: version >= .v1(9) ? "is gone: no key is set" : "is the old name",
                        remedy: "loader.env.SECRET_PROVISION_SET_KEY = \"default\"", severity: version >= .v1(9) ? .error : .warning))
            }
            if names["SECRET_PROVISION_SERVERS"] == nil {
                faults.append(
                    Fault(
                        key: "loader.env.SECRET_PROVISION_SERVERS", message: "without it localhost:4433 is asked",
                        remedy: "loader.env.SECRET_PROVISION_SERVERS = \"broker.example:4433\""))
            }
            if let chain = names["SECRET_PROVISION_CA_CHAIN_PATH"] {
                if !manifest.isTrusted(chain) {
                    faults.append(
                        Fault(
                            key: "loader.env.SECRET_PROVISION_CA_CHAIN_PATH",
                            message: "`\(chain)` is not a trusted file: the host chooses who the key broker is",
                            remedy: "mount it and list it in `sgx.trusted_files`"))
                }
            } else {
                faults.append(
                    Fault(
                        key: "loader.env.SECRET_PROVISION_CA_CHAIN_PATH", message: "without it the key broker is not recognised",
                        remedy: "name the CA that signed the broker's certificate, a trusted file"))
            }
            return faults
        },
        ManifestRule("thread-settings", .note) { manifest, _ in
            guard manifest.program == .tensorFlowModelServer else { return [] }
            let names = ["OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"].filter { manifest.environment[$0] == nil }
            return names.isEmpty
                ? []
                : [
                    Fault(
                        key: "loader.env", message: "\(names.joined(separator: ", ")) set for a container or pod have no effect inside",
                        remedy: "write them here if they are meant")
                ]
        },
    ]
}

extension GramineManifest {
    /// Whether the file at a path inside is one that the signer hashed.
    func isTrusted(_ path: String) -> Bool {
        let trusted = self.uris("sgx.trusted_files").map(Self.hostPath)
        guard path.hasPrefix("/") else { return trusted.contains(path) }
        guard let mount = self.mount(holding: path) else { return trusted.contains(path) }
        let host = mount.hostPath + path.dropFirst(mount.path.hasSuffix("/") ? mount.path.count - 1 : mount.path.count)
        return trusted.contains { $0 == host || ($0.hasSuffix("/") && host.hasPrefix($0)) }
    }
}
