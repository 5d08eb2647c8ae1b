// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import SavedModels

/// What becomes of the graph in a conversion.
struct GraphOptions: ParsableArguments {
    @Flag(help: "Leave every node that the outputs need as it is: neither optimised nor with variables.")
    var keepGraph = false

    @Flag(inversion: .prefixedNo, help: "Simplify the graph for inference.")
    var optimize = true

    @Flag(inversion: .prefixedNo, help: "Move big constants into a checkpoint.")
    var asVariables = true

    @Option(help: ArgumentHelp("From how many bytes on a constant becomes a variable.", valueName: "bytes"))
    var variableThreshold = ConversionOptions.defaultVariableThreshold

    @Option(name: .customLong("set"), help: ArgumentHelp("Fix a placeholder, such as a dropout's switch; repeat for more.", valueName: "name=value"))
    var fixed: [String] = []

    @Flag(help: "Let requests carry any number of examples: open the first dimension of every input.")
    var openBatch = false

    @Option(name: .customLong("type"), help: "TENSOR=TYPE, such as x:0=DT_FLOAT, where neither the graph nor TensorFlow tells; repeat for more.")
    var types: [String] = []

    func apply(to options: inout ConversionOptions) throws {
        options.fixed = try self.fixed.map { try PlaceholderValue(parsing: $0) }
        options.opensBatch = self.openBatch
        options.optimizes = self.optimize && !self.keepGraph
        options.variableThreshold = self.asVariables && !self.keepGraph ? self.variableThreshold : nil
    }

    func validate() throws {
        guard self.variableThreshold > 0 else { throw ValidationError("--variable-threshold must be at least 1") }
    }

    func parsedTypes() throws -> [String: DataType] {
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
