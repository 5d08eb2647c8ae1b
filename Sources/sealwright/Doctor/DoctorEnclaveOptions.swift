// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ByteCoding
import GramineManifests

/// `doctor --enclave`.
struct DoctorEnclaveOptions: ParsableArguments {
    @Flag(help: "Compute the size and the threads of an enclave for `sealwright serve`.")
    var enclave = false

    @Option(help: "Versions of the model that are loaded at once: 2 where they change without a pause.")
    var loadedVersions = 1

    @Option(
        help: ArgumentHelp(
            "A library that is loaded beside the executable; may be repeated (default: the sizes of TensorFlow 2.18.1).", valueName: "file"))
    var library: [String] = []

    @Option(help: ArgumentHelp("The executable.", valueName: "file"))
    var executable = "/proc/self/exe"

    @Option(help: "Event loops of the network.")
    var eventLoops = 2

    @Option(help: "Processors that the enclave sees.")
    var processors = 4

    @Option(help: "TensorFlow's threads within an operation.")
    var intraOpThreads = 4

    @Option(help: "TensorFlow's threads between operations.")
    var interOpThreads = 2

    @Option(help: "Threads that collect batches.")
    var batchThreads = 4

    /// Loadable bytes of libtensorflow_cc and libtensorflow_framework 2.18.1.
    private static let tensorFlow = 508_000_000
    /// The C and C++ runtime.
    private static let runtimes = 6_000_000

    private struct Result: Encodable {
        let enclaveSize: String
        let maxThreads: Int
        let memoryLimitBytes: Int
        let neededBytes: Int
        let neededThreads: Int
        let isTight: Bool
        let parts: [EnclaveBudget.Part]
        let manifest: String
    }

    func run(model: String?, json: Bool) throws {
        guard let folder = model else { throw CommandFailure("no-model", "--enclave needs --model", remedy: "give the model's folder") }
        guard let footprint = ModelFootprint(folder: folder) else {
            throw CommandFailure(
                "no-saved-model", "\(folder) holds no saved_model.pb, nor a version's folder with one", remedy: "give a model's folder",
                exitStatus: .noInput)
        }
        let counts = [self.eventLoops, self.processors, self.intraOpThreads, self.interOpThreads, self.batchThreads, self.loadedVersions]
        guard counts.allSatisfy({ (0...4096).contains($0) }), self.loadedVersions > 0 else {
            throw CommandFailure("bad-number", "a number is not between 0 and 4096")
        }
        var budget = EnclaveBudget(code: try self.code(), variables: footprint.variables, graph: footprint.graph, threads: self.threads)
        budget.versions = self.loadedVersions
        print(json ? try JSONText.encode(Self.result(budget)) : Self.text(budget))
    }

    private var threads: ThreadBudget {
        var threads = ThreadBudget()
        threads.eventLoops = self.eventLoops
        threads.processors = self.processors
        threads.intraOperation = self.intraOpThreads
        threads.interOperation = self.interOpThreads
        threads.batching = self.batchThreads
        return threads
    }

    private func code() throws -> Int {
        let libraries = self.library.isEmpty ? Self.tensorFlow : try self.library.map { try LoadableSize(ofFile: $0).bytes }.reduce(0, +)
        return try LoadableSize(ofFile: self.executable).bytes + libraries + Self.runtimes
    }

    private static func result(_ budget: EnclaveBudget) -> Result {
        Result(
            enclaveSize: budget.enclaveSize.description, maxThreads: budget.threads.maxThreads, memoryLimitBytes: budget.memoryLimit.bytes,
            neededBytes: budget.needed.bytes, neededThreads: budget.threads.needed, isTight: budget.isTight, parts: budget.parts,
            manifest: budget.manifestLines)
    }

    /// Comments and the lines for the manifest.
    private static func text(_ budget: EnclaveBudget) -> String {
        let parts = budget.parts.map { "# \(String(repeating: " ", count: max(0, 6 - "\($0.bytes >> 20)".count)))\($0.bytes >> 20) MiB  \($0.name)" }
        return """
            \(parts.joined(separator: "\n"))
            # = \(budget.needed.bytes >> 20) MiB, \(budget.threads.needed) threads counted and a quarter more\
            \(budget.isTight ? "\n# Tight: less than a tenth of the enclave is left. Measure, or take twice the size." : "")
            # Limit of the pod's or container's memory: \(budget.memoryLimit.bytes >> 20) MiB. EPC: the sum of all enclaves of the machine.
            \(budget.manifestLines)
            """
    }
}
