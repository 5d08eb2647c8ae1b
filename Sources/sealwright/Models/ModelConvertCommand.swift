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
            What the outputs do not need is dropped. By default the rest is optimised for inference (training leftovers taken out, batch normalisation \
            folded into convolutions), and constants of 64 KiB and more become variables in a checkpoint: a model loads in a tenth of the time and a \
            quarter of the memory that way. --keep-graph leaves every needed node as it was, byte for byte.

            A graph of everyday operations is converted without TensorFlow: folding computes the bits that TensorFlow's own tool does, and shapes follow \
            TensorFlow's rules. Where the graph holds anything else, and TensorFlow is installed, it is asked for types and shapes and whether it has \
            the operations, and the finished model is run against the graph as it was, on inputs made up for it, before it appears. --check wants that \
            comparison for any graph (a second or two, and some 0.5 GB), --no-check for none.

            A tensor is named NODE or NODE:PORT; KEY=TENSOR gives it another key in the signature. A node that is named as input and is no placeholder \
            becomes one, and what fed it falls away.

            EXAMPLE
              sealwright model convert --input graph.pb --inputs img --set training=false --outputs prob --output models/brain --version 1
              sealwright model convert --input graph.pb --outputs scores=Softmax:0,classes=TopK:1 --open-batch --output models/net --version 2 --force
            """)

    @Option(help: "The frozen graph: a GraphDef, binary (*.pb) or text (*.pbtxt).")
    var input: String

    @Option(help: "Tensors that clients send, separated by commas. Default: every placeholder that the outputs need.")
    var inputs: String?

    @Option(help: "Tensors that clients get, separated by commas.")
    var outputs: String

    @Option(help: "The model folder; the version's folder is made in it.")
    var output: String

    @Option(name: .customLong("version"), help: ArgumentHelp("The version's number.", valueName: "number"))
    var modelVersion: Int64 = 1

    @Option(help: "Key of the signature.")
    var signature = Signature.defaultKey

    @OptionGroup(title: "GRAPH")
    var graph: GraphOptions

    @OptionGroup(title: "TENSORFLOW")
    var tensorFlow: ConversionTensorFlowOptions

    @Flag(help: "Replace a version that is there.")
    var force = false

    @Flag(help: "Print the model's description as JSON.")
    var json = false

    func run() throws {
        let index = try GraphIndex(contentsOfFile: self.input)
        var library: TensorFlowLibrary?
        let model = try GraphConverter(index, options: try self.options()).convert { isNeeded in
            library = try self.tensorFlow.library(isNeeded: isNeeded)
            return try library.map { (TensorFlowGraphInference(library: $0), try TensorFlowOperationCatalog(library: $0)) }
        }
        for warning in model.warnings { Self.warn(warning.message, warning.identifier) }
        try model.write(to: self.output, version: self.modelVersion, replacing: self.force) { folder in
            if let library, self.tensorFlow.check ?? true { try Self.check(model, folder, library) }
        }
        StandardError.write(model.summary + "\n")
        let description = ModelDescription(model, folder: SavedModelFolder(path: "\(self.output)/\(self.modelVersion)"))
        print(self.json ? try JSONText.encode([description]) : description.description)
    }

    private func options() throws -> ConversionOptions {
        var options = ConversionOptions(
            inputs: self.inputs.map { TensorSelection.list(parsing: $0) } ?? [], outputs: TensorSelection.list(parsing: self.outputs),
            types: try self.graph.parsedTypes(), signatureKey: self.signature)
        try self.graph.apply(to: &options)
        return options
    }

    private static func check(_ model: ConvertedModel, _ folder: String, _ library: TensorFlowLibrary) throws {
        switch try TensorFlowConversionCheck(library: library).compare(model, writtenTo: folder) {
        case .skipped(let reason): self.warn("the model was not compared with its graph: \(reason)", "not-compared")
        case .compared(let difference):
            StandardError.write("compared with the graph: answers differ by at most \(difference.absolute) (\(difference.relative) of the largest)\n")
            if difference.relative > TensorFlowConversionCheck.warnedDifference {
                self.warn(
                    "that is more than rounding should cost; compare the model on real inputs, or convert with --no-optimize", "large-difference")
            }
        }
    }

    private static func warn(_ message: String, _ identifier: String) {
        StandardError.write("warning: \(message) [\(identifier)]\n")
    }
}

extension ConvertedModel {
    /// What became of the graph, in a line.
    fileprivate var summary: String {
        var parts = ["kept \(self.nodeNames.count) of \(self.originalNodeCount) nodes"]
        if self.foldedCount > 0 { parts.append("folded \(self.foldedCount) batch normalisation\(self.foldedCount == 1 ? "" : "s")") }
        if self.variableCount > 0 {
            parts.append("\(self.variableCount) constant\(self.variableCount == 1 ? "" : "s") became variables (\(self.variableBytes) bytes)")
        }
        return parts.joined(separator: ", ")
    }
}
