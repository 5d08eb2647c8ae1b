// SPDX-License-Identifier: Apache-2.0

extension ManifestRule {
    /// Nothing of the host appears inside unless it has to.
    static let mounts: [ManifestRule] = [
        ManifestRule("host-root", .error) { manifest, _ in
            guard manifest["fs.root.type"]?.string != "tmpfs" else { return [] }
            return [
                Fault(
                    key: "fs.root",
                    message: "`/` is \(manifest["fs.root"] == nil ? "the folder in which the host starts Gramine" : "a folder of the host")",
                    remedy: "fs.root = { type = \"tmpfs\" }, and a mount for each thing that is needed")
            ]
        },
        ManifestRule("host-tree-mounted", .error) { manifest, _ in
            manifest.mounts.filter { $0.type == "chroot" && ["/", "/etc", "/etc/", "/home", "/root", "/tmp", "/var"].contains($0.hostPath) }.map {
                Fault(
                    key: "fs.mounts `\($0.path)`", message: "shows the host's whole \($0.hostPath)",
                    remedy: $0.hostPath == "/tmp" ? "type = \"tmpfs\"" : "mount single files")
            }
        },
        ManifestRule("old-mounts", .error) { manifest, version in
            guard manifest["fs.mount"] != nil, version < .v1(5) else { return [] }
            return [
                Fault(key: "fs.mount", message: "is the old form, dead from 1.5 on", remedy: "fs.mounts = [{ type, path, uri }]", severity: .warning)
            ]
        },
        ManifestRule("incomplete-mount", .error) { manifest, _ in
            manifest.mounts.compactMap { mount in
                let key = "fs.mounts `\(mount.path)`"
                if !mount.path.hasPrefix("/"), !mount.path.hasPrefix("{{") {
                    return Fault(key: key, message: "has no absolute path", remedy: "path = \"/...\"")
                }
                if mount.type != "tmpfs", mount.hostPath.isEmpty { return Fault(key: key, message: "has no uri", remedy: "uri = \"file:...\"") }
                if !["chroot", "encrypted", "tmpfs", "untrusted_shm"].contains(mount.type) {
                    return Fault(key: key, message: "has the unknown type `\(mount.type)`", remedy: "chroot, encrypted or tmpfs")
                }
                return nil
            }
        },
        ManifestRule("encrypted-key-name", .error) { manifest, _ in
            manifest.mounts.compactMap { mount in
                guard mount.type == "encrypted", let name = mount.keyName, name.hasPrefix("_"), !["_sgx_mrenclave", "_sgx_mrsigner"].contains(name)
                else {
                    return nil
                }
                return Fault(
                    key: "fs.mounts `\(mount.path)`", message: "key names with `_` in front are Gramine's own", remedy: "key_name = \"default\"")
            }
        },
        ManifestRule("encrypted-single-file", .error) { manifest, _ in
            let encrypted =
                manifest.mounts.filter { $0.type == "encrypted" }.map(\.hostPath)
                + manifest.uris("sgx.protected_files").map(GramineManifest.hostPath)
            return encrypted.filter { $0.hasSuffix("saved_model.pb") }.map {
                Fault(
                    key: "`\($0)`", message: "is encrypted alone: `variables/` and assets cannot be read, and the folder's listing is the host's",
                    remedy: "seal the model's whole folder and mount that with `type = \"encrypted\"`")
            }
        },
        ManifestRule("encrypted-twice", .error) { manifest, _ in
            let paths = manifest.mounts.filter { $0.type == "encrypted" }.map(\.hostPath)
            return Set(paths.filter { path in paths.filter { $0 == path }.count > 1 }).sorted().map {
                Fault(key: "fs.mounts `\($0)`", message: "one host file under two encrypted mounts corrupts it", remedy: "mount it once")
            }
        },
    ]
}
