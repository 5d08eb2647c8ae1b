// SPDX-License-Identifier: Apache-2.0

/// Convolutions, pooling and what goes with them.
extension ShapeRule {
    /// Where batch, rows, columns and channels lie.
    private struct Layout {
        let rows: Int
        let columns: Int
        let channels: Int

        init?(_ format: String?) {
            switch format ?? "NHWC" {
            case "NHWC": (self.rows, self.columns, self.channels) = (1, 2, 3)
            case "NCHW": (self.rows, self.columns, self.channels) = (2, 3, 1)
            default: return nil
            }
        }
    }

    private func layout() throws(SavedModelError) -> Layout? { Layout(try self.graph.text("data_format", of: self.node)) }

    /// The number of windows along a dimension; `nil` for padding of another kind, or when none fits.
    private static func windows(_ size: Int, _ window: Int, stride: Int, dilation: Int, padding: (before: Int, after: Int)?) -> Int? {
        guard stride > 0, window > 0, dilation > 0 else { return nil }
        guard size != TensorShape.unknownDimension else { return size }
        // Without given padding there is as much as makes windows start at every stride.
        guard let padding else { return (size + stride - 1) / stride }
        let room = size + padding.before + padding.after - ((window - 1) * dilation + 1)
        return room < 0 ? nil : room / stride + 1
    }

    /// Padding of a spatial dimension: `nil` within for "as much as is needed", `nil` altogether where it is not told.
    private func padding(_ dimension: Int) throws(SavedModelError) -> ((before: Int, after: Int)?)? {
        switch try self.graph.text("padding", of: self.node) {
        case "SAME": return .some(nil)
        case "VALID": return .some((0, 0))
        case "EXPLICIT":
            let list = try self.list("explicit_paddings")
            guard list.count == 8, list.allSatisfy({ (0...Int(Int32.max)).contains($0) }) else { return nil }
            return .some((list[2 * dimension], list[2 * dimension + 1]))
        default: return nil
        }
    }

    func convolution(_ operation: String) throws(SavedModelError) -> [Int]? {
        guard let layout = try self.layout(), let image = self.dimensions(0), let filter = self.dimensions(1), image.count == 4, filter.count == 4,
            filter.allSatisfy({ (1...Int(Int32.max)).contains($0) })
        else { return nil }
        let isDepthwise = operation == "DepthwiseConv2dNative"
        let strides = try self.list("strides")
        let given = try self.list("dilations")
        let dilations = given.isEmpty ? [1, 1, 1, 1] : given
        guard strides.count == 4, dilations.count == 4, (strides + dilations).allSatisfy({ (1...Int(Int32.max)).contains($0) }),
            strides[0] == 1, strides[layout.channels] == 1, dilations[0] == 1, dilations[layout.channels] == 1
        else { return nil }
        // TensorFlow's own shape function of the depthwise form leaves dilation out, so that is left to it.
        guard !isDepthwise || dilations == [1, 1, 1, 1] else { return nil }
        let channels = image[layout.channels]
        guard channels == TensorShape.unknownDimension || (isDepthwise ? channels == filter[2] : channels.isMultiple(of: filter[2])) else {
            return nil
        }
        var result = image
        for (dimension, window) in [(layout.rows, filter[0]), (layout.columns, filter[1])] {
            guard let padding = try self.padding(dimension),
                let size = Self.windows(
                    image[dimension], window, stride: strides[dimension], dilation: dilations[dimension], padding: padding)
            else { return nil }
            result[dimension] = size
        }
        result[layout.channels] = isDepthwise ? filter[2] * filter[3] : filter[3]
        return result
    }

    func pooling() throws(SavedModelError) -> [Int]? {
        guard let layout = try self.layout(), let image = self.dimensions(0), image.count == 4 else { return nil }
        let windows = try self.list("ksize")
        let strides = try self.list("strides")
        guard windows.count == 4, strides.count == 4, (windows + strides).allSatisfy({ (1...Int(Int32.max)).contains($0) }),
            windows[0] == 1, strides[0] == 1, windows[layout.channels] == 1, strides[layout.channels] == 1,
            try self.graph.text("padding", of: self.node) != "EXPLICIT"
        else { return nil }
        var result = image
        for dimension in [layout.rows, layout.columns] {
            guard let padding = try self.padding(dimension),
                let size = Self.windows(image[dimension], windows[dimension], stride: strides[dimension], dilation: 1, padding: padding)
            else { return nil }
            result[dimension] = size
        }
        return result
    }

    /// A sum with a vector along the channels.
    func biased() throws(SavedModelError) -> [Int]? {
        guard var result = self.dimensions(0), let bias = self.dimensions(1), bias.count == 1, result.count >= 2 else { return nil }
        let format = try self.graph.text("data_format", of: self.node) ?? "NHWC"
        guard format == "NHWC" || format == "NCHW" && result.count == 4 else { return nil }
        let channels = format == "NHWC" ? result.count - 1 : 1
        guard let size = Self.merge(result[channels], bias[0]) else { return nil }
        result[channels] = size
        return result
    }

    /// The normalised image, then vectors along its channels, of which the last is the third version's own.
    func normalized(_ operation: String) throws(SavedModelError) -> [TensorShape]? {
        guard let layout = try self.layout(), var image = self.dimensions(0), image.count == 4 else { return nil }
        var size = image[layout.channels]
        for input in 1...(try self.boolean("is_training") ? 2 : 4) {
            guard let vector = self.dimensions(input), vector.count == 1, let merged = Self.merge(size, vector[0]) else { return nil }
            size = merged
        }
        image[layout.channels] = size
        let vectors = Array(repeating: TensorShape([size]), count: 4)
        // What the third version keeps for its gradient is not told here.
        return [TensorShape(image)] + vectors
    }
}
