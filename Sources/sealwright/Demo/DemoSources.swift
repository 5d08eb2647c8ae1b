// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Foundation

/// The source files whose language the demo asks the model for.
struct DemoSources: Sendable {
    let files: [String]

    /// Takes the files that the user named, or three of this project when there are none.
    init(files: [String]) throws {
        let chosen = files.isEmpty ? Self.ownFiles() : files
        guard !chosen.isEmpty else {
            throw CommandFailure(
                "no-source-files", "no source files given, and this is not a checkout of the project",
                remedy: "name some: sealwright demo main.py query.sql build.sh")
        }
        for file in chosen { _ = try InputFile(path: file) }
        self.files = chosen
    }

    private static func ownFiles() -> [String] {
        let candidates = ["conformance/client.py", "Sources/ByteCoding/ByteReader.swift", "tools/setup-tensorflow"]
        return candidates.filter { FileManager.default.isReadableFile(atPath: $0) }
    }
}
