// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ByteCoding
import GramineManifests

/// `doctor --manifest`.
struct DoctorManifestOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A manifest, its template, or a .manifest.sgx.", valueName: "file"))
    var manifest: String?

    @Option(help: ArgumentHelp("The release of Gramine that will run it, 1.3 to 1.9.", valueName: "version"))
    var gramineVersion = GramineVersion.newest.description

    @Option(help: ArgumentHelp("Root folder of the image in which it runs: the files that it names have to be there.", valueName: "dir"))
    var imageRoot: String?

    private struct Result: Encodable {
        let manifest: String
        let gramineVersion: String
        let findings: [ManifestFinding]
    }

    func run(_ file: String, json: Bool) throws {
        guard let version = GramineVersion(self.gramineVersion) else {
            throw CommandFailure("gramine-version", "--gramine-version \(self.gramineVersion) is not known", remedy: "give 1.3 to 1.9")
        }
        let bytes = try InputFile.readAll(file, limit: GramineManifest.sizeLimit)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandFailure("manifest-syntax", "\(file) is not UTF-8", exitStatus: .configuration)
        }
        let manifest: GramineManifest
        do { manifest = try GramineManifest(text) } catch {
            throw CommandFailure(error.identifier, "\(file): \(error.message)", remedy: error.remedy, exitStatus: error.exitStatus)
        }
        let result = Result(
            manifest: file, gramineVersion: version.description,
            findings: manifest.findings(for: version) + (self.imageRoot.map { ImageRoot($0).findings(of: manifest) } ?? []))
        print(json ? try JSONText.encode(result) : Self.text(result))
        let errors = result.findings.count { $0.severity == .error }
        guard errors == 0 else {
            throw CommandFailure(
                "manifest-faults", "\(file) has \(errors) errors under Gramine \(version)", remedy: "mend what is listed above",
                exitStatus: .configuration)
        }
    }

    private static func text(_ result: Result) -> String {
        result.findings.isEmpty
            ? "\(result.manifest): no fault found (Gramine \(result.gramineVersion))" : result.findings.map(\.description).joined(separator: "\n")
    }
}
