// SPDX-License-Identifier: Apache-2.0

extension ManifestRule {
    /// What the host may write is not what the enclave relies on.
    static let fileLists: [ManifestRule] = [
        ManifestRule("file-check-policy", .error) { manifest, _ in
            guard let policy = manifest["sgx.file_check_policy"]?.string, policy != "strict" else { return [] }
            return [
                Fault(
                    key: "sgx.file_check_policy", message: "`\(policy)` opens files that nobody hashed", remedy: "sgx.file_check_policy = \"strict\"")
            ]
        },
        ManifestRule("allowed-everything", .error) { manifest, _ in
            Self.allowed(manifest) { Self.wholeTrees.contains(Self.trimmed($0)) }.map {
                Fault(
                    key: "sgx.allowed_files `\($0)`",
                    message: "a whole tree of the host is taken unchecked, so the list of trusted files means nothing",
                    remedy: "list trusted files; allow single ones, if any")
            }
        },
        ManifestRule("allowed-secret", .error) { manifest, _ in
            Self.allowed(manifest) { path in
                let isOurSealedFile =
                    manifest.program == .sealwrightServe && manifest.option("ssl_config_file").flatMap(manifest.hostPath(ofInside:)) == path
                return !isOurSealedFile && Self.secretMarks.contains { path.lowercased().contains($0) }
            }.map {
                Fault(
                    key: "sgx.allowed_files `\($0)`",
                    message: "a TLS or wrap key lies in clear view on the host, which may also replace it and the CA beside it",
                    remedy: "seal it, and mount it with `type = \"encrypted\"`")
            }
        },
        ManifestRule("allowed-host-configuration", .error) { manifest, _ in
            Self.allowed(manifest) { $0.hasPrefix("/etc/") }.map {
                Fault(
                    key: "sgx.allowed_files `\($0)`", message: "the host decides how names are looked up, and by which modules",
                    remedy: "sys.enable_extra_runtime_domain_names_conf = true, and a small /etc of your own in `sgx.trusted_files`")
            }
        },
        ManifestRule("allowed-scratch", .error) { manifest, _ in
            Self.allowed(manifest, where: Self.isScratch).map {
                Fault(
                    key: "sgx.allowed_files `\($0)`", message: "what the program writes there lies in plain text on the host",
                    remedy: "{ type = \"tmpfs\", path = \"/tmp\" } in `fs.mounts`")
            }
        },
        ManifestRule("allowed-file", .warning) { manifest, _ in
            let trusted = manifest.uris("sgx.trusted_files").map(GramineManifest.hostPath)
            return Self.allowed(manifest) { path in
                guard !Self.hasItsOwnRule(path), !trusted.contains(path) else { return false }
                return !(manifest.program == .sealwrightServe && manifest.isServedCiphertext(path))
            }.map {
                Fault(
                    key: "sgx.allowed_files `\($0)`", message: "is taken as the host gives it, unchecked",
                    remedy: "trust it or mount it encrypted; only ciphertext that `sealwright serve` opens itself may be allowed")
            }
        },
        ManifestRule("trusted-and-allowed", .error) { manifest, _ in
            let trusted = Set(manifest.uris("sgx.trusted_files"))
            return manifest.uris("sgx.allowed_files").filter(trusted.contains).map {
                Fault(key: "sgx.allowed_files `\($0)`", message: "is listed as trusted too", remedy: "keep it in `sgx.trusted_files` alone")
            }
        },
        ManifestRule("trusted-tree", .warning) { manifest, _ in
            manifest.uris("sgx.trusted_files").filter { Self.wholeTrees.contains(Self.trimmed(GramineManifest.hostPath($0))) }.map {
                Fault(
                    key: "sgx.trusted_files `\($0)`", message: "hashes everything in it; any update there changes MRENCLAVE",
                    remedy: "list what the program loads (`ldd PROGRAM`), or build from an image that holds nothing else")
            }
        },
    ]

    private static let secretMarks = ["ssl.cfg", ".key", "key.pem", "wrap-key", "wrap_key", "private"]
    private static let wholeTrees: Set<String> = [
        "", ".", "/", "/etc", "/usr", "/lib", "/usr/lib", "/home", "/root", "/var", "/opt", "/dev", "/lib/x86_64-linux-gnu",
        "/usr/lib/x86_64-linux-gnu",
    ]

    private static func isScratch(_ path: String) -> Bool {
        ["/tmp", "/var/tmp", "/dev/shm", "/var/log"].contains { GramineManifest.is(path, within: $0) }
    }

    private static func trimmed(_ path: String) -> String { path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path }

    /// The allowed host paths for which `isWrong` holds.
    private static func allowed(_ manifest: GramineManifest, where isWrong: (String) -> Bool) -> [String] {
        manifest.uris("sgx.allowed_files").map(GramineManifest.hostPath).filter(isWrong)
    }

    private static func hasItsOwnRule(_ path: String) -> Bool {
        Self.wholeTrees.contains(Self.trimmed(path)) || path.hasPrefix("/etc/") || Self.secretMarks.contains { path.lowercased().contains($0) }
            || Self.isScratch(path)
    }
}

extension GramineManifest {
    /// The host's path of a path inside; `nil` where nothing is mounted.
    func hostPath(ofInside path: String) -> String? {
        guard let mount = self.mount(holding: path), mount.type != "tmpfs" else { return nil }
        return mount.hostPath + path.dropFirst(mount.path.count)
    }

    /// Whether an allowed host path holds what `sealwright serve` is told to open, which refuses plain files beside sealed ones.
    func isServedCiphertext(_ path: String) -> Bool {
        ["model_base_path", "ssl_config_file"].compactMap(self.option).compactMap(self.hostPath(ofInside:)).contains { Self.is($0, within: path) }
    }
}
