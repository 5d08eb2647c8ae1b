// SPDX-License-Identifier: Apache-2.0

/// The arithmetic of folding, operation by operation as TensorFlow's `fold_batch_norms` does it: the same bits come out.
enum FoldedWeights {
    /// What each channel's weights are multiplied by.
    ///
    /// The sum is a float's, everything after it a double's.
    static func factors(variance: [Float], epsilon: Float, gamma: [Float]?) -> [Double] {
        variance.indices.map { channel in
            let deviation = 1 / Double(variance[channel] + epsilon).squareRoot()
            return gamma.map { deviation * Double($0[channel]) } ?? deviation
        }
    }

    /// What is added to each channel afterwards.
    ///
    /// The difference of mean and bias is a float's, everything after it a double's.
    static func offsets(mean: [Float], bias: [Float]?, beta: [Float], factors: [Double]) -> [Float] {
        mean.indices.map { channel in
            let shift = bias.map { mean[channel] - $0[channel] } ?? mean[channel]
            return Float(Double(-shift) * factors[channel] + Double(beta[channel]))
        }
    }

    /// Little-endian floats, each multiplied by its channel's factor and rounded once; the first is of channel `channel`.
    static func scale(_ floats: Span<UInt8>, by factors: [Double], startingAt channel: Int) -> [UInt8] {
        let count = floats.count - floats.count % 4
        return unsafe [UInt8](unsafeUninitializedCapacity: count) { target, initializedCount in
            // Sound: source and target have at least `count` bytes, of which whole floats are read and written, unaligned as they may be;
            // a run ends where the channels, the factors or the floats do.
            unsafe floats.withUnsafeBytes { source in
                unsafe factors.withUnsafeBufferPointer { factors in
                    let target = UnsafeMutableRawBufferPointer(target)
                    var start = 0
                    var channel = channel
                    // Run by run, so that the inner loop has no branch and becomes vector instructions.
                    while start < count {
                        let run = min((count - start) / 4, factors.count - channel)
                        for step in 0..<run {
                            let bits = unsafe source.loadUnaligned(fromByteOffset: start + 4 * step, as: UInt32.self)
                            let product = unsafe Float(Double(Float(bitPattern: UInt32(littleEndian: bits))) * factors[channel + step])
                            unsafe target.storeBytes(of: product.bitPattern.littleEndian, toByteOffset: start + 4 * step, as: UInt32.self)
                        }
                        start += 4 * run
                        channel = 0
                    }
                }
            }
            initializedCount = count
        }
    }
}
