// SPDX-License-Identifier: Apache-2.0

import TensorFlowRuntime

/// Runs the converted deepbrain model once, in this process, on a made-up scan: a bright ball in the dark.
struct DeepbrainRun {
    let savedModel: String

    /// Edge of the scan in voxels; the model's input is fixed to it.
    private static let edge = 128

    /// Runs the model and says what came out.
    func describe() async throws -> String {
        let session = try await Session(library: TensorFlowLibrary.load(), savedModelDirectory: self.savedModel)
        let scan = try Tensor(Self.ball(), shape: [1, Self.edge, Self.edge, Self.edge, 1])
        let outputs = try await session.run(feeds: [("img:0", scan)], fetches: ["prob:0"])
        await session.close()
        guard let output = outputs.first, let probabilities = output.values(as: Float.self), !probabilities.isEmpty,
            probabilities.allSatisfy({ (0...1).contains($0) })
        else { throw DemoFailure("deepbrain's answer is not a field of probabilities") }
        let mean = probabilities.reduce(0, +) / Float(probabilities.count)
        return "ran it once: prob\(output.shape) from img[1, 128, 128, 128, 1], mean probability \(mean)"
    }

    private static func ball() -> [Float] {
        let middle = Self.edge / 2
        var voxels = [Float](repeating: 0, count: Self.edge * Self.edge * Self.edge)
        for index in voxels.indices {
            let x = index % Self.edge - middle
            let y = index / Self.edge % Self.edge - middle
            let z = index / (Self.edge * Self.edge) - middle
            if x * x + y * y + z * z < middle * middle / 4 { voxels[index] = 1 }
        }
        return voxels
    }
}
