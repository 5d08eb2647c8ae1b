// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import SavedModels
import TensorFlowRuntime

/// `sealwright model convert`: a frozen graph becomes a model.
struct ModelConvertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Convert a frozen GraphDef to a SavedModel.",
        discussion: """
            What the outputs need is kept byte for byte; the rest is dropped. Types and shapes of the signature come from TensorFlow where it is \
            installed, else from the graph as far as it says them. A tensor is named NODE or NODE:PORT; KEY=TENSOR gives it another key in the signature. \
            A node that is named as input and is no placeholder becomes one, and what fed it falls away.

            EXAMPLE
              sealwright model convert --input graph.pb --inputs img,training --outputs prob --output models/brain --version 1
              sealwright model convert --input graph.pb --outputs scores=Softmax:0,classes=TopK:1 --output models/net --version 2 --force
            """)

    @Option(help: "The frozen graph, a binary GraphDef (*.pb).")
    var input: String

    @Option(help: "Tensors that clients send, separated by commas. Default: every placeholder that the outputs need.")
    var inputs: String?

    @Option(help: "Tensors that clients get, separated by commas.")
    var outputs: String

    @Option(help: "The model folder; the version's folder is made in it.")
    var output: String

    @Option(name: .customLong("version"), help: ArgumentHelp("The version's number.", valueName: "number"))
    var modelVersion: Int64 = 1

    @Option(name: .customLong("type"), help: "TENSOR=TYPE, such as x:0=DT_FLOAT, where neither the graph nor TensorFlow tells; repeat for more.")
    var types: [String] = []

    @Option(help: "Key of the signature.")
    var signature = Signature.defaultKey

    @Option(name: .customLong("tensorflow-library"), help: "TensorFlow's library, if it is not where `make tensorflow` puts it.")
    var tensorFlowLibrary: String?

    @Flag(name: .customLong("without-tensorflow"), help: "Take types and shapes from the graph alone.")
    var withoutTensorFlow = false

    @Flag(help: "Replace a version that is there.")
    var force = false

    @Flag(help: "Print the model's description as JSON.")
    var json = false

    func run() throws {
        let options = ConversionOptions(
            inputs: self.inputs.map { TensorSelection.list(parsing: $0) } ?? [], outputs: TensorSelection.list(parsing: self.outputs),
            types: try self.parsedTypes(), signatureKey: self.signature)
        let converter = GraphConverter(try GraphIndex(contentsOfFile: self.input), options: options)
        let library = try self.library()
        let model = try converter.convert(
            with: library.map { TensorFlowGraphInference(library: $0) }, catalog: try library.map { try TensorFlowOperationCatalog(library: $0) })
        try model.write(to: self.output, version: self.modelVersion, replacing: self.force)
        for warning in model.warnings { StandardError.write("warning: \(warning.message) [\(warning.identifier)]\n") }
        StandardError.write("kept \(model.nodeNames.count) of \(model.originalNodeCount) nodes\n")
        let description = try ModelFolder.describe("\(self.output)/\(self.modelVersion)")
        print(self.json ? try ModelShowCommand.json(description) : description.map(\.description).joined(separator: "\n"))
    }

    /// TensorFlow, where it is installed.
    ///
    /// A library that was named must be there.
    private func library() throws -> TensorFlowLibrary? {
        if self.withoutTensorFlow { return nil }
        do {
            return try TensorFlowLibrary.load(path: self.tensorFlowLibrary)
        } catch let error as TensorFlowError where error.identifier == "tensorflow-not-found" && self.tensorFlowLibrary == nil {
            StandardError.write("note: TensorFlow is not installed, so types and shapes come from the graph alone (make tensorflow)\n")
            return nil
        }
    }

    private func parsedTypes() throws -> [String: DataType] {
        var types: [String: DataType] = [:]
        for text in self.types {
            let parts = text.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, let type = DataType(name: String(parts[1])) else {
                throw CommandFailure(
                    "bad-type", "“\(text)” is not TENSOR=TYPE", remedy: "give a tensor and one of TensorFlow's types, such as x:0=DT_FLOAT")
            }
            types[String(parts[0])] = type
        }
        return types
    }
}
