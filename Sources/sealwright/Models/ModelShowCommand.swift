// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ByteCoding
import Foundation
import SavedModels
import TensorFlowRuntime

/// `sealwright model show`: what a model can be asked for.
struct ModelShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "List a model's signatures, operations, parameters, sizes, and whether TensorFlow knows them.",
        discussion: """
            DIR is the folder of one version (with saved_model.pb), or a model folder, of which every version is shown. The checkpoint's checksums are \
            verified. Where TensorFlow is installed, it is asked whether it knows every operation.

            EXAMPLE
              sealwright model show models/guesslang
              sealwright model show models/guesslang/1 --json
            """)

    @Argument(help: ArgumentHelp("A version's folder or a model folder.", valueName: "dir"))
    var folder: String

    @Option(name: .customLong("tensorflow-library"), help: "TensorFlow's library, if it is not where `make tensorflow` puts it.")
    var tensorFlowLibrary: String?

    @Flag(name: .customLong("without-tensorflow"), help: "Do not ask TensorFlow.")
    var withoutTensorFlow = false

    @Flag(help: "Print a JSON array, an object for each version.")
    var json = false

    func run() throws {
        let inspections = try ModelFolder.inspect(self.folder, tensorFlow: try self.tensorFlow())
        print(self.json ? try JSONText.encode(inspections) : inspections.map(\.description).joined(separator: "\n\n"))
        if let damaged = inspections.lazy.compactMap({ $0.variables?.damaged }).first {
            throw CommandFailure(
                "damaged-variable", "the checkpoint's checksum of “\(damaged)” is wrong", remedy: "copy the model again from its source",
                exitStatus: .badData)
        }
    }

    /// Version and operations of TensorFlow, where it is installed or was named.
    private func tensorFlow() throws -> (version: String, operations: any OperationCatalog)? {
        if self.withoutTensorFlow { return nil }
        do {
            let library = try TensorFlowLibrary.load(path: self.tensorFlowLibrary)
            return (library.version, try TensorFlowOperationCatalog(library: library))
        } catch let error as TensorFlowError where error.identifier == "tensorflow-not-found" && self.tensorFlowLibrary == nil {
            return nil
        }
    }
}
