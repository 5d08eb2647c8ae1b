// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import TensorFlowRuntime

/// What TensorFlow is asked for in a conversion.
struct ConversionTensorFlowOptions: ParsableArguments {
    @Option(name: .customLong("tensorflow-library"), help: "TensorFlow's library, if it is not where `make tensorflow` puts it.")
    var path: String?

    @Flag(name: .customLong("without-tensorflow"), help: "Take types and shapes from the graph alone, and compare nothing.")
    var isLeftOut = false

    @Flag(inversion: .prefixedNo, help: "Compare the model's answers with those of its graph.")
    var check = true

    /// TensorFlow, where it is installed.
    ///
    /// A library that was named must be there.
    func library() throws -> TensorFlowLibrary? {
        if self.isLeftOut { return nil }
        do {
            return try TensorFlowLibrary.load(path: self.path)
        } catch let error as TensorFlowError where error.identifier == "tensorflow-not-found" && self.path == nil {
            StandardError.write("note: TensorFlow is not installed, so types and shapes come from the graph alone (make tensorflow)\n")
            return nil
        }
    }
}
