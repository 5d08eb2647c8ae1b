// SPDX-License-Identifier: Apache-2.0

import SavedModels

/// Converts any bytes as a frozen graph, in every form: what is accepted can be read back as a model.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzGraphDef(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // Sound: the memory is libFuzzer's during the call, and is copied.
    let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    // The corpus's graphs have these outputs; a changed one keeps them often enough.
    for output in ["predict", "sum", "y"] {
        var options = ConversionOptions(outputs: [TensorSelection(tensor: output)])
        options.variableThreshold = 16
        for options in [options, options.keepingGraph] {
            do {
                let model = try ConvertedModel(decoding: input, options: options)
                // A splat may stand for more than there is memory.
                guard model.size < 1 << 24 else { continue }
                let read = try SavedModel(decoding: model.encode())
                guard read.signatures[model.signatureKey]?.outputs.count == 1 else { fatalError("a model does not survive encoding") }
                guard read.hasSaver == (model.variableCount > 0) else { fatalError("variables without a saver") }
            } catch is SavedModelError {
                // Refused, as most inputs are.
            } catch {
                fatalError("not an error of a graph: \(error)")
            }
        }
    }
    return 0
}
