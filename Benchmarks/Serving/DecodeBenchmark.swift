// SPDX-License-Identifier: Apache-2.0

import ModelServing

/// How fast a serialised PredictRequest becomes tensors, beside one copy of as many bytes.
enum DecodeBenchmark {
    private static let rounds = 2000

    static func run(_ request: [UInt8]) throws {
        let decode = try Self.median { _ = try PredictInputs(request.span) }
        var copied = 0
        let copy = Self.median {
            let copy = unsafe [UInt8](unsafeUninitializedCapacity: request.count) { target, count in
                // Sound: both have as many bytes.
                unsafe request.withUnsafeBytes { unsafe UnsafeMutableRawBufferPointer(target).copyMemory(from: $0) }
                count = request.count
            }
            // The optimiser must not find out that nobody reads the copy.
            copied &+= Int(copy[copied % copy.count])
        }
        let rate = Double(request.count) / decode / 1000
        print("{\"bytes\": \(request.count), \"decode_us\": \(decode), \"gigabytes_per_second\": \(rate), \"copy_us\": \(copy)}")
    }

    /// The median time in microseconds.
    private static func median(_ body: () throws -> Void) rethrows -> Double {
        var times: [Double] = []
        for _ in 0..<Self.rounds {
            let begin = ContinuousClock.now
            try body()
            times.append((ContinuousClock.now - begin) / .microseconds(1))
        }
        return times.sorted()[Self.rounds / 2]
    }
}
