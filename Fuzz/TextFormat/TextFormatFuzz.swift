// SPDX-License-Identifier: Apache-2.0

import ModelServing
import SwiftProtobuf
import TensorFlowProtos

/// Reads any text as a configuration file in protobuf's text format; the first byte tells as which.
///
/// What is accepted is what it says: written out and read again it gives the same message.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzTextFormat(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard count > 0 else { return 0 }
    // Sound: the memory is libFuzzer's during the call, and is copied.
    let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    let text = String(decoding: input.dropFirst(), as: UTF8.self)
    switch input[0] % 5 {
    case 0: check(text, as: Tensorflow_Serving_ModelServerConfig.self)
    case 1: check(text, as: Tensorflow_Serving_BatchingParameters.self)
    case 2: check(text, as: Tensorflow_Serving_MonitoringConfig.self)
    case 3: check(text, as: Tensorflow_Serving_SSLConfig.self)
    default: check(text, as: Tensorflow_ConfigProto.self)
    }
    return 0
}

private func check<Message: SwiftProtobuf.Message & Equatable>(_ text: String, as type: Message.Type) {
    guard let message = try? read(text, as: type) else { return }
    let written = message.textFormatString()
    // A file of nothing is refused, no number equals a NaN, and the parser writes an Any as the types that it alone knows.
    guard !written.isEmpty, !written.contains("nan"), !written.contains("custom_model_config") else { return }
    do throws(ServingError) {
        guard try read(written, as: type) == message else { fatalError("read again it is another: \(written)") }
    } catch {
        fatalError("it is not read again: \(error.message)\n\(written)")
    }
}

private func read<Message: SwiftProtobuf.Message>(_ text: String, as type: Message.Type) throws(ServingError) -> Message {
    try TextFormatFile.parse(text, of: "fuzzed.config", as: type)
}
