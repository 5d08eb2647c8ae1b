// SPDX-License-Identifier: Apache-2.0

import ModelServing
import TensorFlowProtos

/// Reads any bytes as what clients of the model server send; the first byte tells as what.
///
/// Accepted JSON is within its bounds, and no reader throws anything but its own errors.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzServingRequests(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard count > 0 else { return 0 }
    // Sound: the memory is libFuzzer's during the call, and is copied.
    let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    let body = Array(input.dropFirst())
    switch input[0] % 4 {
    case 0: readJSON(body)
    case 1: _ = try? PredictInputs(body.span)
    case 2: _ = try? SingleInferenceRequest(body.span)
    default:
        let target = String(decoding: body, as: UTF8.self)
        _ = try? RESTPath(get: target)
        _ = try? RESTPath(post: target)
    }
    return 0
}

/// A signature with an input of every kind that is read in a way of its own.
private let inputs: [String: Tensorflow_TensorInfo] = {
    let types: [(String, Tensorflow_DataType)] = [("f", .dtFloat), ("i", .dtInt8), ("s", .dtString), ("b", .dtBool), ("h", .dtHalf)]
    return Dictionary(
        uniqueKeysWithValues: types.map { name, type in
            var info = Tensorflow_TensorInfo()
            info.dtype = type
            return (name, info)
        })
}()

private func readJSON(_ body: [UInt8]) {
    let document: JSONDocument
    do throws(JSONError) {
        document = try JSONDocument(body)
    } catch {
        guard error.offset <= body.count else { fatalError("an error behind the text's end") }
        return
    }
    for names in [["f"], ["s"], ["f", "i", "s", "b", "h"]] {
        _ = try? PredictJSON(document, inputs: inputs.filter { names.contains($0.key) })
    }
}
