// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import TensorFlowRuntime

/// What TensorFlow is asked for in a conversion.
struct ConversionTensorFlowOptions: ParsableArguments {
    @Option(name: .customLong("tensorflow-library"), help: "TensorFlow's library, if it is not where `make tensorflow` puts it.")
    var path: String?

    @Flag(name: .customLong("without-tensorflow"), help: "Take types and shapes from the graph alone, and compare nothing.")
    var isLeftOut = false

    @Flag(inversion: .prefixedNo, help: "Run the model against its graph (default: where TensorFlow has to be asked anyway).")
    var check: Bool?

    func validate() throws {
        if self.isLeftOut, self.check == true { throw ValidationError("--check needs TensorFlow, and --without-tensorflow leaves it out") }
    }

    /// TensorFlow, where it is installed and of use; `isNeeded` tells whether there is something that only it can tell.
    ///
    /// - Throws: an error of TensorFlow's when a library that was named, or one for a check that was asked for, is not there.
    func library(isNeeded: Bool) throws -> TensorFlowLibrary? {
        guard !self.isLeftOut, isNeeded || self.check == true || self.path != nil else { return nil }
        do {
            return try TensorFlowLibrary.load(path: self.path)
        } catch let error as TensorFlowError where error.identifier == "tensorflow-not-found" && self.path == nil && self.check != true {
            StandardError.write("note: TensorFlow is not installed, so types and shapes come from the graph alone (make tensorflow)\n")
            return nil
        }
    }
}
