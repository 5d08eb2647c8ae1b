// SPDX-License-Identifier: Apache-2.0

extension ManifestRule {
    /// The host does not choose what the program is told.
    static let commandLine: [ManifestRule] = [
        ManifestRule("host-command-line", .error) { manifest, _ in
            guard manifest["loader.insecure__use_cmdline_argv"]?.boolean == true else { return [] }
            return [
                Fault(
                    key: "loader.insecure__use_cmdline_argv",
                    message: "the host writes the program's command line: it drops `--ssl_config_file`, or points the server to another model",
                    remedy: "loader.argv = [\"PROGRAM\", \"--OPTION=VALUE\", ...], which is measured")
            ]
        },
        ManifestRule("no-command-line", .error) { manifest, _ in
            let keys = ["loader.argv", "loader.argv_src_file", "loader.insecure__use_cmdline_argv"]
            guard keys.allSatisfy({ manifest[$0] == nil }) else { return [] }
            return [Fault(key: "loader.argv", message: "the program gets no arguments", remedy: "loader.argv = [\"PROGRAM\", ...]")]
        },
        ManifestRule("two-command-lines", .error) { manifest, _ in
            guard manifest["loader.argv"] != nil, manifest["loader.argv_src_file"] != nil else { return [] }
            return [Fault(key: "loader.argv_src_file", message: "excludes `loader.argv`", remedy: "keep `loader.argv`")]
        },
        ManifestRule("relative-entrypoint", .error) { manifest, _ in
            guard let entrypoint = manifest["libos.entrypoint"]?.string, !entrypoint.hasPrefix("/"), !entrypoint.hasPrefix("{{") else { return [] }
            return [
                Fault(
                    key: "libos.entrypoint",
                    message: entrypoint.hasPrefix("file:")
                        ? "is a path inside Gramine, without `file:`" : "`\(entrypoint)` is looked for in `fs.start_dir` or `/`",
                    remedy: "give the absolute path inside Gramine")
            ]
        },
    ]
}
