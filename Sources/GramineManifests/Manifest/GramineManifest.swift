// SPDX-License-Identifier: Apache-2.0

/// A Gramine manifest, rendered or still a template.
public struct GramineManifest: Hashable, Sendable {
    /// Largest manifest that is read; one with the hashes of thousands of files stays far below.
    package static let sizeLimit = 8 << 20

    /// The top table.
    let root: [String: ManifestValue]

    /// Parses a manifest or its template.
    ///
    /// - Throws: ``ManifestError`` with line and column where it is not TOML.
    public init(_ text: String) throws(ManifestError) { self.root = try TOMLParser.parse(ManifestTemplate.toml(text)) }

    /// The value at a dotted path; `nil` where there is none.
    subscript(path: String) -> ManifestValue? {
        var value = ManifestValue.table(self.root)
        for name in path.split(separator: ".") {
            guard let next = value.table?[String(name)] else { return nil }
            value = next
        }
        return value
    }

    /// Every value that is not a table, with its path.
    var leaves: [(path: String, value: ManifestValue)] { Self.leaves(of: .table(self.root), at: "") }

    private static func leaves(of value: ManifestValue, at path: String) -> [(path: String, value: ManifestValue)] {
        guard let table = value.table else { return [(path, value)] }
        return table.sorted { $0.key < $1.key }.flatMap { Self.leaves(of: $0.value, at: path.isEmpty ? $0.key : "\(path).\($0.key)") }
    }
}

extension GramineManifest {
    /// A place of the enclave's file system.
    struct Mount: Hashable, Sendable {
        /// `chroot`, `encrypted`, `tmpfs`, ...
        let type: String
        /// Where it appears inside.
        let path: String
        /// The host's path, without `file:`; empty for tmpfs.
        let hostPath: String
        /// Name of the key of an encrypted mount.
        let keyName: String?
    }

    /// `fs.mounts`, in order.
    var mounts: [Mount] {
        (self["fs.mounts"]?.array ?? []).compactMap { value in
            guard let table = value.table else { return nil }
            return Mount(
                type: table["type"]?.string ?? "chroot", path: table["path"]?.string ?? "",
                hostPath: Self.hostPath(table["uri"]?.string ?? ""), keyName: table["key_name"]?.string)
        }
    }

    /// The URIs of a list of files, whichever of its two forms it has.
    func uris(_ path: String) -> [String] { (self[path]?.array ?? []).compactMap { $0.string ?? $0.table?["uri"]?.string } }

    static func hostPath(_ uri: String) -> String { uri.hasPrefix("file:") ? String(uri.dropFirst(5)) : uri }

    /// Where a path inside lies on the host: by the last mount that holds it.
    func mount(holding path: String) -> Mount? { self.mounts.last { Self.is(path, within: $0.path) } }

    static func `is`(_ path: String, within folder: String) -> Bool {
        let folder = folder.hasSuffix("/") ? String(folder.dropLast()) : folder
        return path == folder || path.hasPrefix(folder + "/")
    }

    /// Environment variables with a fixed value.
    var environment: [String: String] {
        (self["loader.env"]?.table ?? [:]).compactMapValues { $0.string ?? $0.table?["value"]?.string }
    }

    /// The fixed command line, `nil` if there is none.
    var arguments: [String]? { self["loader.argv"]?.array?.compactMap(\.string) }

    /// The value of `--NAME=VALUE` or `--NAME VALUE` on the fixed command line.
    func option(_ name: String) -> String? {
        let arguments = self.arguments ?? []
        for (index, argument) in arguments.enumerated() {
            if argument.hasPrefix("--\(name)=") { return String(argument.dropFirst(name.utf8.count + 3)) }
            if argument == "--\(name)" { return index + 1 < arguments.count ? arguments[index + 1] : nil }
        }
        return nil
    }

    /// The program that runs inside.
    enum Program: Hashable, Sendable {
        case sealwrightServe
        case tensorFlowModelServer
        case other
    }

    var program: Program {
        let entrypoint = self["libos.entrypoint"]?.string ?? ""
        let name = entrypoint.split(separator: "/").last.map(String.init) ?? ""
        if name == "sealwright" { return self.arguments?.dropFirst().first == "serve" ? .sealwrightServe : .other }
        return name == "tensorflow_model_server" ? .tensorFlowModelServer : .other
    }
}
