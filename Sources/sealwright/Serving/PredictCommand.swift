// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ByteCoding
import ModelClient
import RATLS
import SavedModels

/// `sealwright predict`: asks a model server.
struct PredictCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "predict",
        abstract: "Ask a model server for a prediction.",
        discussion: """
            Asks for the model's signature first and makes tensors of its types and shapes. An input is a text for string tensors, or JSON: numbers, \
            strings and nested lists. @FILE takes the value from a file, which is JSON if its name ends in .json or the tensor holds numbers, and one \
            string otherwise; @@ stands for a text that begins with @.

            EXAMPLE
              sealwright predict --server models.example:8500 --model guesslang --signature predict --input content=@main.c \\
                --ca ssl_configure/ca_cert.pem --certificate ssl_configure/client/cert.pem --private-key ssl_configure/client/key.pem
              sealwright predict --server 127.0.0.1:8500 --model half_plus_two --input 'x=[1, 2, 5]' --json
            """)

    @Option(help: ArgumentHelp("The server; the port is \(Self.defaultPort) unless given.", valueName: "host:port"))
    var server: String

    @Option(help: "The model's name.")
    var model: String

    @Option(name: .customLong("model-version"), help: "The version to ask (default: the highest).")
    var modelVersion: Int64?

    @Option(help: "The signature to use.")
    var signature = Signature.defaultKey

    @Option(help: ArgumentHelp("An input; repeat for more.", valueName: "name=value"))
    var input: [String] = []

    @Option(help: ArgumentHelp("An output that is wanted; repeat for more (default: all).", valueName: "name"))
    var output: [String] = []

    @OptionGroup(title: "TLS")
    var security: ClientSecurityOptions

    @Option(help: ArgumentHelp("How long the answer may take.", valueName: "seconds"))
    var timeout = 60

    @Flag(help: "Print the answer as JSON.")
    var json = false

    private static let defaultPort = 8500
    /// How many elements of a tensor the table shows.
    private static let shownElements = 12

    func run() async throws {
        let inputs = try self.input.map { try Self.input($0) }
        let (host, port) = try Self.hostAndPort(self.server)
        var configuration = ModelClientConfiguration(host: host, port: port, security: try self.security.read())
        configuration.timeout = .seconds(self.timeout)
        if configuration.security == nil { StandardError.write("WARNING: no TLS option given: request and answer travel unencrypted\n") }
        let (model, version, signatureName, outputs) = (self.model, self.modelVersion, self.signature, self.output)
        let answer = try await ModelClient.withConnection(configuration) { client in
            let metadata = try await client.metadata(model: model, version: version)
            guard let signature = metadata.signatures[signatureName] else {
                throw ModelClientError(
                    .noSuchModel, "\(model) has no signature \(signatureName)",
                    remedy: "it has \(metadata.signatures.keys.filter { !Signature.reservedKeys.contains($0) }.sorted().joined(separator: ", "))")
            }
            let tensors = try PredictionInput.tensors(inputs, for: signature)
            return try await client.predict(model: model, version: metadata.version, signature: signatureName, inputs: tensors, outputs: outputs)
        }
        print(self.json ? Self.json(answer) : Self.table(answer))
    }

    private static func input(_ argument: String) throws -> PredictionInput {
        guard let equals = argument.firstIndex(of: "="), equals != argument.startIndex else {
            throw CommandFailure(
                "bad-input", "“\(argument.prefix(40))” is not NAME=VALUE", remedy: "write --input content=TEXT or --input 'x=[1, 2]'")
        }
        let name = String(argument[..<equals])
        let value = argument[argument.index(after: equals)...]
        if value.hasPrefix("@@") { return PredictionInput(name: name, value: Array(value.dropFirst().utf8), form: .text) }
        guard value.hasPrefix("@") else { return PredictionInput(name: name, value: Array(value.utf8), form: .automatic) }
        let path = String(value.dropFirst())
        return PredictionInput(name: name, value: try InputFile.readAll(path), form: path.hasSuffix(".json") ? .json : .file)
    }

    private static func hostAndPort(_ text: String) throws -> (String, Int) {
        let failure = CommandFailure("bad-server", "“\(text)” is not HOST:PORT", remedy: "write --server models.example:8500, or [::1]:8500")
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { throw failure }
            let rest = text[text.index(after: end)...]
            guard let port = rest.isEmpty ? Self.defaultPort : rest.hasPrefix(":") ? Int(rest.dropFirst()) : nil, (1...65535).contains(port) else {
                throw failure
            }
            return (String(text[..<end].dropFirst()), port)
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, !parts[0].isEmpty, let port = parts.count == 2 ? Int(parts[1]) : Self.defaultPort, (1...65535).contains(port) else {
            throw failure
        }
        return (String(parts[0]), port)
    }

    private static func table(_ answer: PredictionAnswer) -> String {
        let rows = answer.outputs.sorted { $0.key < $1.key }.map { name, value in
            [name, "\(value.dataType)", "\(TensorShape(value.shape))", value.summary(limit: Self.shownElements)]
        }
        let widths = (0..<3).map { column in rows.map { $0[column].count }.max() ?? 0 }
        let lines = rows.map { row in
            (0..<3).map { row[$0] + String(repeating: " ", count: widths[$0] - row[$0].count) }.joined(separator: "  ") + "  " + row[3]
        }
        return (["\(answer.model) version \(answer.version), \(answer.signature)"] + lines).joined(separator: "\n")
    }

    private static func json(_ answer: PredictionAnswer) -> String {
        let outputs = answer.outputs.sorted { $0.key < $1.key }.map { name, value in
            "\(name.jsonQuoted): {\"dtype\": \(value.dataType.name.jsonQuoted), \"shape\": \(value.shape), \"values\": \(value.json)}"
        }
        return "{\"model\": \(answer.model.jsonQuoted), \"version\": \(answer.version), \"signature\": \(answer.signature.jsonQuoted), "
            + "\"outputs\": {\(outputs.joined(separator: ", "))}}"
    }
}
