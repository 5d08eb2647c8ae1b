// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import ProtectedFiles

/// What the commands that read sealed files or make them have in common.
struct ProtectedFileOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("How many threads to use. Default: one for each processor.", valueName: "number"))
    var jobs: Int?

    @Flag(name: .long, help: "Follow symbolic links in a folder; without this they are errors. The input itself may always be one.")
    var followLinks = false

    @Flag(name: .long, help: "Print the result, or the error, as JSON.")
    var json = false

    func validate() throws {
        if let jobs = self.jobs, jobs < 1 { throw ValidationError("--jobs must be at least 1") }
    }

    /// Says how much was done.
    func print(_ summary: ProtectedFileSummary, verb: String, output: String) throws {
        let text: String
        if self.json {
            let digest = summary.manifest?.digest.description
            text = try JSONText.line(Result(files: summary.files, bytes: summary.bytes, output: output, manifestDigest: digest))
        } else {
            let files = summary.files == 1 ? "1 file" : "\(summary.files) files"
            let bytes = summary.bytes == 1 ? "1 byte" : "\(summary.bytes) bytes"
            let manifest = summary.manifest.map { "manifest digest: \($0.digest)\n" } ?? ""
            text = "\(verb) \(files), \(bytes) of plaintext: \(output)\n\(manifest)"
        }
        // Where the plaintext itself went to standard output, nothing else does.
        if output == StandardStream.name { StandardError.write(text) } else { Swift.print(text, terminator: "") }
    }

    private struct Result: Encodable {
        let files: Int
        let bytes: Int
        let output: String
        let manifestDigest: String?

        enum CodingKeys: String, CodingKey {
            case files, bytes, output
            case manifestDigest = "manifest_digest"
        }
    }
}

extension ManifestDigest {
    /// Reads a command's argument.
    init(argument: String) throws {
        guard let digest = ManifestDigest(hex: argument) else { throw ValidationError("a manifest's digest has 64 hexadecimal digits") }
        self = digest
    }
}

/// The argument that stands for standard input or output.
enum StandardStream {
    static let name = "-"
}
