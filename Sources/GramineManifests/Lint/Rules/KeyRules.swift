// SPDX-License-Identifier: Apache-2.0

extension ManifestRule {
    /// The manifest's keys are ones that this release knows, of the right type.
    static let keys: [ManifestRule] = [
        ManifestRule("unknown-key", .error) { manifest, _ in
            manifest.leaves.compactMap { leaf in
                guard !Self.isEmptyTable(leaf.value), Self.key(leaf.path) == nil else { return nil }
                return Fault(
                    key: leaf.path, message: "no release of Gramine knows this key: `gramine-manifest-check` refuses it, the runtime ignores it",
                    remedy: "correct or remove it")
            }
        },
        ManifestRule("key-gone", .error) { manifest, version in
            manifest.leaves.compactMap { leaf in
                guard let key = Self.key(leaf.path), let until = key.until, version >= until else { return nil }
                return Fault(
                    key: leaf.path,
                    message: "has had no effect since Gramine \(until)\(version >= .v1(7) ? ", and `gramine-manifest-check` refuses it" : "")",
                    remedy: "use \(key.instead ?? "nothing")")
            }
        },
        ManifestRule("key-too-new", .error) { manifest, version in
            manifest.leaves.compactMap { leaf in
                guard let key = Self.key(leaf.path), key.since > version else { return nil }
                return Fault(
                    key: leaf.path, message: "is known from Gramine \(key.since) on, not to \(version)", remedy: "use Gramine \(key.since) or newer")
            }
        },
        ManifestRule("wrong-type", .error) { manifest, _ in
            manifest.leaves.compactMap { leaf in
                guard let key = Self.key(leaf.path), !key.accepts(leaf.value) else { return nil }
                return Fault(key: leaf.path, message: "has to be \(key.kind.rawValue)", remedy: "write \(key.kind.rawValue)")
            }
        },
        ManifestRule("insecure-key", .error) { manifest, _ in
            manifest.leaves.compactMap { leaf in
                let isOn = leaf.value != .boolean(false) && leaf.value != .integer(0)
                guard leaf.path.contains("insecure__"), isOn, !Self.hasItsOwnRule.contains(leaf.path) else { return nil }
                return Fault(
                    key: leaf.path, message: "Gramine itself calls this insecure, and says so in its banner at each start",
                    remedy: "remove it; \(leaf.path.hasPrefix("fs.insecure__keys") ? "the key comes by secret provisioning" : "it is for debugging")")
            }
        },
        ManifestRule("required-key", .error) { manifest, _ in
            ["libos.entrypoint", "fs.mounts"].filter { manifest[$0] == nil }.map {
                Fault(key: $0, message: "has to be there", remedy: "add it")
            }
        },
        ManifestRule("entrypoint-form", .error) { manifest, version in
            guard manifest["loader.entrypoint"]?.string != nil, version >= .v1(8) else { return [] }
            return [
                Fault(
                    key: "loader.entrypoint", message: "as a text is \(version >= .v1(9) ? "refused by" : "deprecated in") Gramine \(version)",
                    remedy: "leave the key out: from 1.8 on the tools fill it in", severity: version >= .v1(9) ? .error : .warning)
            ]
        },
        ManifestRule("entrypoint-missing", .error) { manifest, version in
            guard manifest["loader.entrypoint"] == nil, version < .v1(8) else { return [] }
            return [
                Fault(
                    key: "loader.entrypoint", message: "is required up to Gramine 1.7",
                    remedy: "loader.entrypoint = \"file:{{ gramine.libos }}\", or use Gramine 1.8 or newer")
            ]
        },
    ]

    private static let hasItsOwnRule: Set<String> = ["loader.insecure__use_cmdline_argv", "loader.insecure__use_host_env"]

    private static func isEmptyTable(_ value: ManifestValue) -> Bool { value.table?.isEmpty == true }

    private static func key(_ path: String) -> ManifestKey? {
        let names = path.split(separator: ".")
        return ManifestKey.all.first { $0.matches(names) }
    }
}
