// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import SavedModels

/// `sealwright model show`: what a model can be asked for.
struct ModelShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "List a model's signatures, inputs and outputs, tags and size.",
        discussion: """
            DIR is the folder of one version (with saved_model.pb), or a model folder, of which every version is shown.

            EXAMPLE
              sealwright model show models/guesslang
              sealwright model show models/guesslang/1 --json
            """)

    @Argument(help: ArgumentHelp("A version's folder or a model folder.", valueName: "dir"))
    var folder: String

    @Flag(help: "Print a JSON array, an object for each version.")
    var json = false

    func run() throws {
        let descriptions = try ModelFolder.describe(self.folder)
        print(self.json ? try Self.json(descriptions) : descriptions.map(\.description).joined(separator: "\n\n"))
    }

    /// The JSON form, keys sorted.
    static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
