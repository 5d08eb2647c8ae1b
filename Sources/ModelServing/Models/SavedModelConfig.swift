// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import SavedModels
import TensorFlowRuntime

/// How a version wants its session to be made: TensorFlow Serving's `SavedModelConfig`, which lies beside the graph.
///
/// Of its `session_overrides` only `disable_meta_optimizer` has a meaning here. The graph rewriters that it may ask for beside that are not
/// part of TensorFlow's library.
struct SavedModelConfig: Hashable, Sendable {
    static let fileName = "assets.extra/saved_model_config.pb"

    /// What it says of TensorFlow's graph optimizer; `nil` when it overrides nothing.
    private(set) var disablesOptimizer: Bool?
    /// Whether it asks for graph rewriters.
    private(set) var asksForRewriters = false

    /// Reads the message's fields: `session_overrides` = 1, and in it `disable_meta_optimizer` = 3.
    ///
    /// - Throws: `WireError` for bytes that are no message.
    init(decoding bytes: [UInt8]) throws(WireError) {
        var message = WireReader(bytes.span, in: 0..<bytes.count)
        while let field = try message.nextField() {
            guard field.number == 1 else { continue }
            self.disablesOptimizer = self.disablesOptimizer ?? false
            var overrides = WireReader(bytes.span, in: try field.bytes())
            while let field = try overrides.nextField() {
                switch field.number {
                case 1, 2: self.asksForRewriters = true
                case 3: self.disablesOptimizer = try field.varint() != 0
                default: break
                }
            }
        }
    }

    /// Lays what it overrides over a session's options.
    func apply(to options: inout SessionOptions) {
        guard let disablesOptimizer else { return }
        // ConfigProto.graph_options.rewrite_options.disable_meta_optimizer; of a field that is there twice the last counts.
        options.configuration += [0x52, 0x05, 0x52, 0x03, 0x98, 0x01, disablesOptimizer ? 1 : 0]
    }
}
