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
            // Sound: source and target have at least `count` bytes, of which whole floats are read and written, unaligned as they may be.
            unsafe floats.withUnsafeBytes { source in
                let target = UnsafeMutableRawBufferPointer(target)
                var channel = channel
                for offset in stride(from: 0, to: count, by: 4) {
                    let weight = Float(bitPattern: UInt32(littleEndian: unsafe source.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
                    let product = Float(Double(weight) * factors[channel])
                    unsafe target.storeBytes(of: product.bitPattern.littleEndian, toByteOffset: offset, as: UInt32.self)
                    channel += 1
                    if channel == factors.count { channel = 0 }
                }
            }
            initializedCount = count
        }
    }
}
