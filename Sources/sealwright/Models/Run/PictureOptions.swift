// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ByteCoding
import SavedModels

/// How a picture becomes numbers.
struct PictureOptions: ParsableArguments {
    @Option(
        name: .customLong("image-mean"),
        help: ArgumentHelp("What is subtracted from each channel (0 to 255), such as 123.68,116.78,103.94.", valueName: "numbers"))
    var mean: String?

    @Option(
        name: .customLong("image-scale"), help: ArgumentHelp("What everything is multiplied by afterwards, such as 0.00392157.", valueName: "number"))
    var scale: Float = 1

    /// What decodes a picture for that input: of its size, channels and type.
    func graph(for info: TensorInfo) throws -> ImageGraph {
        guard let shape = info.shape.dimensions, shape.count == 4 || shape.count == 3,
            [1, 3, 4, TensorShape.unknownDimension].contains(shape[shape.count - 1])
        else {
            throw CommandFailure(
                "bad-input", "a picture does not fit an input of shape \(info.shape)",
                remedy: "give an input of shape (batch, height, width, channels)",
                exitStatus: .badData)
        }
        var graph = ImageGraph()
        let (height, width, channels) = (shape[shape.count - 3], shape[shape.count - 2], shape[shape.count - 1])
        if height > 0, width > 0 { graph.size = (height, width) }
        if channels > 0 { graph.channels = channels }
        graph.dataType = info.dataType
        graph.scale = self.scale
        graph.mean = try (self.mean ?? "").split(separator: ",").map { part in
            guard let number = Float(part.filter { $0 != " " }) else {
                throw CommandFailure("bad-mean", "“\(part)” is no number", remedy: "write --image-mean 123.68,116.78,103.94")
            }
            return number
        }
        guard graph.mean.isEmpty || [1, graph.channels].contains(graph.mean.count) else {
            throw CommandFailure("bad-mean", "--image-mean has \(graph.mean.count) numbers for \(graph.channels) channels")
        }
        return graph
    }
}
