// SPDX-License-Identifier: Apache-2.0

extension ManifestRule {
    /// What the two model servers need, each in its own way.
    static let program: [ManifestRule] = [
        ManifestRule("plain-rest", .error) { manifest, _ in
            guard manifest.program == .tensorFlowModelServer, let port = manifest.option("rest_api_port"), port != "0" else { return [] }
            return [
                Fault(
                    key: "loader.argv `--rest_api_port=\(port)`",
                    message: "TensorFlow Serving's REST API has no TLS: inputs and answers leave the enclave in clear",
                    remedy: "--rest_api_port=0, or `sealwright serve`, whose REST API has TLS")
            ]
        },
        ManifestRule("no-tls", .error) { manifest, _ in
            guard manifest.program != .other, manifest.arguments != nil, manifest.option("ssl_config_file") == nil else { return [] }
            return [
                Fault(
                    key: "loader.argv", message: "has no --ssl_config_file: answers leave the enclave in clear",
                    remedy: "--ssl_config_file=/ssl.cfg, sealed")
            ]
        },
        ManifestRule("not-encrypted", .error) { manifest, _ in
            guard manifest.program == .tensorFlowModelServer else { return [] }
            return ["model_base_path", "ssl_config_file"].compactMap { name in
                guard let path = manifest.option(name), manifest.mount(holding: path)?.type != "encrypted" else { return nil }
                return Fault(
                    key: "loader.argv `--\(name)=\(path)`", message: "does not lie in an encrypted mount: it cannot be opened, or is the host's",
                    remedy: "{ type = \"encrypted\", path = \"\(path)\", uri = \"file:...\", key_name = \"default\" } in `fs.mounts`")
            }
        },
        ManifestRule("not-mounted", .error) { manifest, _ in
            guard manifest.program == .sealwrightServe else { return [] }
            return ["model_base_path", "ssl_config_file"].compactMap { name in
                guard let path = manifest.option(name) else { return nil }
                let mount = manifest.mount(holding: path)
                guard mount?.type != "encrypted" else {
                    return Fault(
                        key: "fs.mounts `\(path)`",
                        message: "Gramine would open what `sealwright serve` opens itself, so the server meets plain files",
                        remedy: "mount it as chroot and list it in `sgx.allowed_files`: the server checks every byte")
                }
                guard let host = manifest.hostPath(ofInside: path) else {
                    return Fault(
                        key: "loader.argv `--\(name)=\(path)`", message: "is mounted nowhere",
                        remedy: "{ path = ..., uri = \"file:...\" } in `fs.mounts`")
                }
                guard manifest.uris("sgx.allowed_files").map(GramineManifest.hostPath).contains(where: { GramineManifest.is(host, within: $0) })
                else {
                    return Fault(
                        key: "loader.argv `--\(name)=\(path)`", message: "\(host) is neither trusted nor allowed: Gramine refuses to open it",
                        remedy: "sgx.allowed_files = [\"file:\(host)\"]: it is ciphertext, which the server checks")
                }
                return nil
            }
        },
        ManifestRule("release-too-old", .error) { manifest, version in
            guard manifest.program == .sealwrightServe, version < .v1(7) else { return [] }
            return [
                Fault(
                    key: "Gramine \(version)", message: "has no eventfd inside the enclave, which `sealwright serve` needs",
                    remedy: "use Gramine 1.9 (1.7 at least)")
            ]
        },
        ManifestRule("stack-size", .error) { manifest, _ in
            guard manifest.program != .other else { return [] }
            let size = manifest["sys.stack.size"]?.string.flatMap(MemorySize.init(_:)) ?? MemorySize(bytes: 256 << 10)
            guard size.bytes < 2 << 20 else { return [] }
            return [Fault(key: "sys.stack.size", message: "\(size) overflow in TensorFlow", remedy: "sys.stack.size = \"2M\"")]
        },
        ManifestRule("backtraces", .warning) { manifest, _ in
            guard manifest.program == .sealwrightServe, manifest.environment["SWIFT_BACKTRACE"] != "enable=no" else { return [] }
            return [
                Fault(
                    key: "loader.env.SWIFT_BACKTRACE", message: "after a crash Swift starts a program to look at memory, which no enclave can",
                    remedy: "loader.env.SWIFT_BACKTRACE = \"enable=no\"")
            ]
        },
    ]
}
