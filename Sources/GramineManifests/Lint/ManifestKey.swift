// SPDX-License-Identifier: Apache-2.0

/// A key that some release of Gramine knows (`Documentation/manifest-syntax.rst` and `python/graminelibos/manifest_check.py` at each tag).
struct ManifestKey: Hashable, Sendable {
    enum Kind: String, Hashable, Sendable {
        case text = "a text"
        case truth = "true or false"
        case number = "a number"
        /// `"256M"`.
        case size = "a size such as \"256M\""
        case list = "a list"
        case any = "anything"
    }

    /// The dotted path; `*` stands for one name.
    let path: String
    let kind: Kind
    /// The first release that knows it.
    var since = GramineVersion.oldest
    /// The first release that no longer does.
    var until: GramineVersion?
    /// What to write instead of a key that is gone.
    var instead: String?

    func matches(_ path: [Substring]) -> Bool {
        let pattern = self.path.split(separator: ".")
        return pattern.count == path.count && zip(pattern, path).allSatisfy { $0 == "*" || $0 == $1 }
    }

    func accepts(_ value: ManifestValue) -> Bool {
        if value.isPlaceholder { return true }
        return switch self.kind {
        case .text: value.string != nil
        case .truth: value.boolean != nil
        case .number: value.integer != nil
        case .size: value.string.flatMap(MemorySize.init(_:)) != nil
        case .list: value.array != nil
        case .any: true
        }
    }
}

extension ManifestKey {
    /// Every key.
    ///
    /// Those with rules of their own (`loader.entrypoint`, `sgx.remote_attestation`) take anything here.
    static let all: [ManifestKey] = Self.loader + Self.files + Self.enclave + Self.gone + Self.system

    private static let loader: [ManifestKey] = [
        .init(path: "loader.entrypoint", kind: .any),
        .init(path: "loader.entrypoint.uri", kind: .text, since: .v1(8)), .init(path: "loader.entrypoint.sha256", kind: .text, since: .v1(8)),
        .init(path: "libos.entrypoint", kind: .text), .init(path: "loader.argv", kind: .list), .init(path: "loader.argv_src_file", kind: .text),
        .init(path: "loader.env.*", kind: .text), .init(path: "loader.env.*.value", kind: .text),
        .init(path: "loader.env.*.passthrough", kind: .truth),
        .init(path: "loader.env_src_file", kind: .text), .init(path: "loader.log_level", kind: .text), .init(path: "loader.log_file", kind: .text),
        .init(path: "loader.uid", kind: .number), .init(path: "loader.gid", kind: .number),
        .init(path: "loader.insecure__use_cmdline_argv", kind: .truth), .init(path: "loader.insecure__use_host_env", kind: .truth),
        .init(path: "loader.insecure__disable_aslr", kind: .truth),
    ]

    private static let files: [ManifestKey] = [
        .init(path: "fs.root.uri", kind: .text), .init(path: "fs.root.type", kind: .text), .init(path: "fs.root.key_name", kind: .text),
        .init(path: "fs.mounts", kind: .list), .init(path: "fs.start_dir", kind: .text), .init(path: "fs.insecure__keys.*", kind: .text),
        .init(path: "sgx.trusted_files", kind: .list), .init(path: "sgx.allowed_files", kind: .list),
        .init(path: "sgx.file_check_policy", kind: .text),
    ]

    private static let enclave: [ManifestKey] = [
        .init(path: "sgx.enclave_size", kind: .size), .init(path: "sgx.max_threads", kind: .number, since: .v1(4)),
        .init(path: "sgx.edmm_enable", kind: .truth, since: .v1(4)), .init(path: "sgx.preheat_enclave", kind: .truth),
        .init(path: "sgx.remote_attestation", kind: .any), .init(path: "sgx.debug", kind: .truth), .init(path: "sgx.isvprodid", kind: .number),
        .init(path: "sgx.isvsvn", kind: .number), .init(path: "sgx.use_exinfo", kind: .truth, since: .v1(6)),
        .init(path: "sgx.cpu_features.*", kind: .text, since: .v1(6)), .init(path: "sgx.seal_key.flags_mask", kind: .text),
        .init(path: "sgx.seal_key.xfrm_mask", kind: .text), .init(path: "sgx.seal_key.misc_mask", kind: .text),
        .init(path: "sgx.insecure__rpc_thread_num", kind: .number),
        .init(path: "sgx.insecure__allow_memfaults_without_exinfo", kind: .truth, since: .v1(7)), .init(path: "sgx.enable_stats", kind: .truth),
        .init(path: "sgx.profile.*", kind: .any), .init(path: "sgx.vtune_profile", kind: .truth),
    ]

    private static let gone: [ManifestKey] =
        [
            .init(
                path: "sgx.thread_num", kind: .number, until: .v1(5),
                instead: "`sgx.max_threads`: from 1.5 on the old name is ignored and the enclave has 4 threads"),
            .init(path: "sgx.nonpie_binary", kind: .truth, until: .v1(5), instead: "nothing: it has no meaning any more"),
            .init(path: "loader.pal_internal_mem_size", kind: .size, until: .v1(4), instead: "nothing: Gramine's own memory grows by itself"),
            .init(
                path: "loader.preload", kind: .text, until: .oldest,
                instead: "nothing: `loader.entrypoint` took its place, and the tools fill that in"),
            .init(path: "fs.mount.*.type", kind: .text, until: .v1(5), instead: "`fs.mounts = [{ type, path, uri }]`"),
            .init(path: "fs.mount.*.path", kind: .text, until: .v1(5), instead: "`fs.mounts = [{ type, path, uri }]`"),
            .init(path: "fs.mount.*.uri", kind: .text, until: .v1(5), instead: "`fs.mounts = [{ type, path, uri }]`"),
            .init(path: "sgx.protected_files", kind: .list, until: .v1(5), instead: "a mount of `type = \"encrypted\"`"),
            .init(path: "sgx.insecure__protected_files_key", kind: .text, until: .v1(5), instead: "secret provisioning; never a key in a manifest"),
            .init(path: "sgx.ra_client_spid", kind: .text, until: .v1(9), instead: "nothing: EPID attestation has ended"),
            .init(path: "sgx.ra_client_linkable", kind: .truth, until: .v1(9), instead: "nothing: EPID attestation has ended"),
            .init(path: "sgx.require_exinfo", kind: .truth, since: .v1(4), until: .v1(8), instead: "`sgx.use_exinfo`"),
        ]
        + ["avx", "avx512", "amx", "mpx", "pkru"].map {
            .init(path: "sgx.require_\($0)", kind: .truth, until: .v1(8), instead: "`sgx.cpu_features.\($0) = \"required\"`")
        }

    private static let system: [ManifestKey] = [
        .init(path: "sys.stack.size", kind: .size), .init(path: "sys.brk.max_size", kind: .size),
        .init(path: "sys.fds.limit", kind: .number, since: .v1(8)), .init(path: "sys.enable_sigterm_injection", kind: .truth),
        .init(path: "sys.enable_extra_runtime_domain_names_conf", kind: .truth), .init(path: "sys.insecure__allow_eventfd", kind: .truth),
        .init(path: "sys.disallow_subprocesses", kind: .truth, since: .v1(5)),
        .init(path: "sys.experimental__enable_flock", kind: .truth, since: .v1(5)),
        .init(path: "sys.debug__mock_syscalls", kind: .list, since: .v1(8)), .init(path: "sys.ioctl_structs.*", kind: .list),
        .init(path: "sys.allowed_ioctls", kind: .list),
    ]
}
