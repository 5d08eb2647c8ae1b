// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ByteCoding
import ModelClient
import SavedModels
import TensorFlowRuntime

/// `sealwright model run`: asks a model on this machine, without a server.
struct ModelRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a signature of a model on this machine.",
        discussion: """
            DIR is the folder of one version, or a model folder, of which the highest version is run. An input is a text for string tensors, or JSON: \
            numbers, strings and nested lists. @FILE takes it from a file, by its name's end: .json, .npy or .npz (@FILE#ARRAY where it has several), \
            .jpg, .png, .gif, .bmp (decoded and resized to what the model wants; an input of strings gets the file as it is), anything else a text.

            EXAMPLE
              sealwright model run models/guesslang --signature predict --input content=@main.c
              sealwright model run models/resnet50 --input input=@cat.jpg --image-mean 123.68,116.78,103.94 --json
              sealwright model run models/brain --input img=@scan.npy
            """)

    @Argument(help: ArgumentHelp("A version's folder or a model folder.", valueName: "dir"))
    var folder: String

    @Option(help: "The signature to use.")
    var signature = Signature.defaultKey

    @Option(help: ArgumentHelp("An input; repeat for more.", valueName: "name=value"))
    var input: [String] = []

    @Option(help: ArgumentHelp("An output that is wanted; repeat for more (default: all).", valueName: "name"))
    var output: [String] = []

    @OptionGroup(title: "PICTURES")
    var pictures: PictureOptions

    @Option(name: .customLong("tensorflow-library"), help: "TensorFlow's library, if it is not where `make tensorflow` puts it.")
    var tensorFlowLibrary: String?

    @Flag(help: "Print the answer as JSON.")
    var json = false

    func run() async throws {
        let single = SavedModelFolder(path: self.folder)
        let folder = single.isModel ? single : try ModelFolder(path: self.folder).versions().last?.folder ?? single
        let signature = try self.choose(from: try folder.read())
        let library = try TensorFlowLibrary.load(path: self.tensorFlowLibrary)
        var feeds: [(name: String, tensor: Tensor)] = []
        for argument in self.input {
            let input = try RunInput(argument, self.pictures)
            let tensor = try await input.tensor(for: signature, library: library)
            feeds.append((try self.tensorName(input.name, signature.inputs), tensor))
        }
        let given = Set(feeds.map(\.name))
        let missing = signature.inputs.filter { !given.contains($0.value.name ?? "") && !signature.optionalInputs.contains($0.key) }.keys.sorted()
        guard missing.isEmpty else {
            throw CommandFailure(
                "missing-input", "no value for input \(missing.joined(separator: ", "))", remedy: "give --input NAME=VALUE for each")
        }
        let wanted = self.output.isEmpty ? signature.outputs.keys.sorted() : self.output
        let fetches = try wanted.map { try self.tensorName($0, signature.outputs) }
        let session = try await Session(library: library, savedModelDirectory: folder.path)
        let tensors = try await session.run(feeds: feeds, fetches: fetches)
        await session.close()
        print(RunAnswer(try zip(wanted, tensors).map { ($0, try TensorValue($1, name: $0)) }).text(asJSON: self.json))
    }

    private func choose(from model: SavedModel) throws -> Signature {
        guard let signature = model.signatures[self.signature], !Signature.reservedKeys.contains(self.signature) else {
            let keys = model.signatures.keys.filter { !Signature.reservedKeys.contains($0) }.sorted()
            throw CommandFailure(
                "unknown-signature", "the model has no signature “\(self.signature)”", remedy: "it has \(keys.joined(separator: ", "))",
                exitStatus: .badData)
        }
        return signature
    }

    private func tensorName(_ key: String, _ tensors: [String: TensorInfo]) throws -> String {
        guard let info = tensors[key] else {
            throw CommandFailure(
                "unknown-tensor", "the signature has no “\(key)”", remedy: "it has \(tensors.keys.sorted().joined(separator: ", "))")
        }
        guard let name = info.name else { throw CommandFailure("sparse-tensor", "“\(key)” is no dense tensor", exitStatus: .badData) }
        return name
    }
}

/// What a model answered, as text.
private struct RunAnswer {
    /// How many elements of a tensor the table shows.
    private static let shownElements = 12

    private let outputs: [(name: String, value: TensorValue)]

    init(_ outputs: [(name: String, value: TensorValue)]) { self.outputs = outputs }

    func text(asJSON: Bool) -> String {
        if asJSON {
            let entries = self.outputs.map { name, value in
                "\(name.jsonQuoted): {\"dtype\": \(value.dataType.name.jsonQuoted), \"shape\": \(value.shape), \"values\": \(value.json)}"
            }
            return "{\"outputs\": {\(entries.joined(separator: ", "))}}"
        }
        return self.outputs.map { name, value in
            "\(name)  \(value.dataType)  \(TensorShape(value.shape))  \(value.summary(limit: Self.shownElements))"
        }.joined(separator: "\n")
    }
}
