// SPDX-License-Identifier: Apache-2.0

/// One thing that a manifest must, or must not, say.
struct ManifestRule: Sendable {
    /// What a rule found: a key, what is wrong there, and what to write instead.
    struct Fault {
        let key: String
        let message: String
        let remedy: String
        /// Where it differs from the rule's own.
        var severity: ManifestFinding.Severity?
    }

    /// Stable name, in kebab case.
    let name: String
    let severity: ManifestFinding.Severity
    let check: @Sendable (GramineManifest, GramineVersion) -> [Fault]

    init(_ name: String, _ severity: ManifestFinding.Severity, _ check: @escaping @Sendable (GramineManifest, GramineVersion) -> [Fault]) {
        self.name = name
        self.severity = severity
        self.check = check
    }

    func findings(_ manifest: GramineManifest, _ version: GramineVersion) -> [ManifestFinding] {
        self.check(manifest, version).map {
            ManifestFinding(rule: self.name, severity: $0.severity ?? self.severity, key: $0.key, message: $0.message, remedy: $0.remedy)
        }
    }
}

extension GramineManifest {
    private static let rules =
        ManifestRule.keys + ManifestRule.commandLine + ManifestRule.environment + ManifestRule.fileLists
        + ManifestRule.mounts + ManifestRule.enclave + ManifestRule.program

    /// What is wrong with the manifest under a release of Gramine, the worst first.
    public func findings(for version: GramineVersion) -> [ManifestFinding] {
        let found = Self.rules.flatMap { $0.findings(self, version) }
        // A stable sort: of one severity, in the order of the rules.
        return [ManifestFinding.Severity.error, .warning, .note].flatMap { severity in found.filter { $0.severity == severity } }
    }
}
