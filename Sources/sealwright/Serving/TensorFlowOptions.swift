// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import TensorFlowRuntime

/// TensorFlow's library and how it computes; underscored options are those of tensorflow_model_server.
struct TensorFlowOptions: ParsableArguments {
    @Option(
        name: .customLong("tensorflow_session_parallelism"),
        help: ArgumentHelp("Threads within one operation and for independent operations; 0 lets TensorFlow choose.", valueName: "n"))
    var parallelism = 0

    @Option(name: .customLong("tensorflow_intra_op_parallelism"), help: ArgumentHelp("Threads within one operation.", valueName: "n"))
    var intraOpParallelism = 0

    @Option(name: .customLong("tensorflow_inter_op_parallelism"), help: ArgumentHelp("Threads for independent operations.", valueName: "n"))
    var interOpParallelism = 0

    @Option(
        name: .customLong("tensorflow_session_config_file"),
        help: ArgumentHelp("A ConfigProto in protobuf's text format, on which the other flags are laid.", valueName: "file"))
    var sessionConfigFile = ""

    @Option(
        name: .customLong("mixed_precision"),
        help: ArgumentHelp("bfloat16 has operations compute in it where the processor is faster at it.", valueName: "type"))
    var mixedPrecision = ""

    @Option(
        name: .customLong("tensorflow-library"),
        help: ArgumentHelp("TensorFlow's library (default: where 'make tensorflow' puts it, then the system's).", valueName: "file"))
    var tensorFlowLibrary: String?

    private static let mixedPrecisionType = "bfloat16"

    /// The file of the sessions' configuration, if there is one.
    var configFile: String? { self.sessionConfigFile.isEmpty ? nil : self.sessionConfigFile }

    /// The options of sessions.
    ///
    /// - Throws: a ``CommandFailure`` for numbers that make no sense, or for one that would be passed over.
    func session() throws -> SessionOptions {
        guard [self.parallelism, self.intraOpParallelism, self.interOpParallelism].allSatisfy({ (0...4096).contains($0) }) else {
            throw CommandFailure("bad-parallelism", "a number of threads is not between 0 and 4096")
        }
        guard self.parallelism == 0 || (self.intraOpParallelism == 0 && self.interOpParallelism == 0) else {
            throw CommandFailure(
                "bad-parallelism", "--tensorflow_session_parallelism sets both kinds of threads, and so do the two other options",
                remedy: "give --tensorflow_session_parallelism, or the other two")
        }
        var options = SessionOptions()
        options.intraOperationThreads = max(self.parallelism, self.intraOpParallelism)
        options.interOperationThreads = max(self.parallelism, self.interOpParallelism)
        options.mixesPrecision = self.mixedPrecision == Self.mixedPrecisionType
        if !self.mixedPrecision.isEmpty, !options.mixesPrecision {
            // As upstream does: the models are served at full precision.
            StandardError.write("WARNING: --mixed_precision=\(self.mixedPrecision) has no effect: \(Self.mixedPrecisionType) is all there is\n")
        }
        return options
    }
}
