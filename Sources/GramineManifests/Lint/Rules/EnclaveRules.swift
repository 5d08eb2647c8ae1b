// SPDX-License-Identifier: Apache-2.0

extension ManifestRule {
    /// The enclave is a production enclave of sufficient size that can be told apart from others.
    static let enclave: [ManifestRule] = [
        ManifestRule("debug-enclave", .error) { manifest, _ in
            guard manifest["sgx.debug"]?.boolean == true else { return [] }
            return [Fault(key: "sgx.debug", message: "the host reads the enclave's memory", remedy: "sgx.debug = false")]
        },
        ManifestRule("debug-line", .warning) { manifest, _ in
            guard manifest["sgx.debug"] == nil else { return [] }
            return [Fault(key: "sgx.debug", message: "is not said, and a tool's default is easily another", remedy: "sgx.debug = false")]
        },
        ManifestRule("isv-numbers", .warning) { manifest, _ in
            ["sgx.isvprodid", "sgx.isvsvn"].filter { manifest[$0] == nil }.map {
                Fault(
                    key: $0, message: "is not set, so it is 0: a rule by MRSIGNER cannot tell products, or old builds from new ones",
                    remedy: "\($0) = \($0.hasSuffix("svn") ? "1, and one more at each security release" : "a number for each product")")
            }
        },
        ManifestRule("remote-attestation", .error) { manifest, version in
            let key = "sgx.remote_attestation"
            let remedy = "\(key) = \"dcap\""
            guard let value = manifest[key] else { return [Fault(key: key, message: "is not set: the enclave cannot prove itself", remedy: remedy)] }
            if value.isPlaceholder || value.string == "dcap" { return [] }
            if value.boolean != nil, version <= .v1(4) {
                return [Fault(key: key, message: "as a truth value is the form of 1.2; the kind is guessed", remedy: remedy, severity: .warning)]
            }
            let message =
                value.string == "epid"
                ? "EPID attestation has ended"
                : value.string == "none" ? "the enclave cannot prove itself" : "has to be a text: Gramine does not start"
            return [Fault(key: key, message: message, remedy: remedy)]
        },
        ManifestRule("log-level", .error) { manifest, _ in
            var faults: [Fault] = []
            if let level = manifest["loader.log_level"]?.string, !level.contains("{{"), !["none", "error"].contains(level) {
                faults.append(
                    Fault(
                        key: "loader.log_level", message: "`\(level)` writes paths and data of the program to the host",
                        remedy: "loader.log_level = \"error\""))
            }
            if manifest["loader.log_file"] != nil {
                faults.append(
                    Fault(
                        key: "loader.log_file", message: "appends to a file of the host", remedy: "remove it: standard error goes to the supervisor",
                        severity: .warning))
            }
            return faults
        },
        ManifestRule("debugging-aids", .error) { manifest, _ in
            let isOn = manifest.leaves.filter {
                ["sgx.enable_stats", "sgx.vtune_profile", "sys.debug__mock_syscalls"].contains($0.path) || $0.path.hasPrefix("sgx.profile.")
            }.filter { $0.value != .boolean(false) && $0.value != .string("none") }
            return isOn.map { Fault(key: $0.path, message: "a production enclave does not start with it", remedy: "remove it") }
        },
        ManifestRule("enclave-size", .error) { manifest, _ in
            guard let text = manifest["sgx.enclave_size"]?.string, !text.contains("{{") else {
                return manifest["sgx.enclave_size"] == nil
                    ? [
                        Fault(
                            key: "sgx.enclave_size", message: "is not set: 256M hold no model server",
                            remedy: "`sealwright doctor --enclave` computes it")
                    ] : []
            }
            guard let size = MemorySize(text), size != size.roundedUpToPowerOfTwo else { return [] }
            return [
                Fault(
                    key: "sgx.enclave_size", message: "\(text) is not a power of two", remedy: "sgx.enclave_size = \"\(size.roundedUpToPowerOfTwo)\"")
            ]
        },
        ManifestRule("threads", .error) { manifest, version in
            let name = version >= .v1(4) ? "sgx.max_threads" : "sgx.thread_num"
            guard let value = manifest[name] else {
                return [
                    Fault(key: name, message: "is not set, and 4 threads carry no model server", remedy: "`sealwright doctor --enclave` computes it")
                ]
            }
            return Self.threadFaults(value, name: name, manifest)
        },
        ManifestRule("edmm-and-preheat", .error) { manifest, _ in
            guard manifest["sgx.edmm_enable"]?.boolean == true, manifest["sgx.preheat_enclave"]?.boolean == true else { return [] }
            return [Fault(key: "sgx.preheat_enclave", message: "is refused together with `sgx.edmm_enable`", remedy: "keep one")]
        },
        ManifestRule("subprocesses", .warning) { manifest, version in
            guard version >= .v1(5), manifest["sys.disallow_subprocesses"]?.boolean != true else { return [] }
            return [
                Fault(
                    key: "sys.disallow_subprocesses", message: "a fork is a second enclave of full size, and a model server needs none",
                    remedy: "sys.disallow_subprocesses = true")
            ]
        },
        ManifestRule("termination", .warning) { manifest, _ in
            guard manifest["sys.enable_sigterm_injection"]?.boolean != true else { return [] }
            return [
                Fault(
                    key: "sys.enable_sigterm_injection", message: "SIGTERM never reaches the program: it is killed with requests under way",
                    remedy: "sys.enable_sigterm_injection = true")
            ]
        },
    ]

    /// Bytes that each thread slot costs at start, hashed: state save area, TCS, TLS, stack, signal stack.
    private static let threadSlot = 360 << 10

    private static func threadFaults(_ value: ManifestValue, name: String, _ manifest: GramineManifest) -> [Fault] {
        guard let count = value.integer else { return [] }
        var faults: [Fault] = []
        if count > 256 {
            faults.append(
                Fault(
                    key: name, message: "\(count) slots are \(count * Self.threadSlot >> 20) MiB that are hashed at each start",
                    remedy: "`sealwright doctor --enclave` computes what is needed", severity: .warning))
        }
        if let told = manifest.environment["SEALWRIGHT_MAX_THREADS"], !told.contains("{{"), told != "\(count)" {
            faults.append(
                Fault(
                    key: "loader.env.SEALWRIGHT_MAX_THREADS", message: "\(told), but `\(name)` is \(count)", remedy: "write the same number in both"))
        }
        return faults
    }
}
