// SPDX-License-Identifier: Apache-2.0

import SwiftProtobuf
package import TensorFlowProtos

/// The model, version and signature that a request names.
package struct ModelSelection: Hashable, Sendable {
    /// The key that stands for an empty signature name.
    package static let defaultSignature = "serving_default"

    package let name: String
    /// The version asked for.
    package let version: VersionChoice
    package let signature: String

    /// Checks a request's model_spec.
    ///
    /// - Parameter spec: `nil` when the request has none.
    /// - Throws: a ``RequestError`` in TensorFlow Serving's words.
    package init(_ spec: Tensorflow_Serving_ModelSpec?) throws(RequestError) {
        guard let spec else { throw RequestError(.invalidArgument, "Missing ModelSpec") }
        guard !spec.name.isEmpty else { throw RequestError(.invalidArgument, "ModelSpec has no name specified.") }
        self.name = spec.name
        self.signature = spec.signatureName.isEmpty ? Self.defaultSignature : spec.signatureName
        switch spec.versionChoice {
        case nil: self.version = .latest
        // The wrapper's presence counts, not its value: 0 is a version.
        case .version(let version): self.version = .number(version.value)
        case .versionLabel(let label): self.version = .label(label)
        }
    }

    /// Takes what a URL and a request's body say.
    init(name: String, version: VersionChoice, signature: String?) {
        self.name = name
        self.version = version
        self.signature = signature.flatMap { $0.isEmpty ? nil : $0 } ?? Self.defaultSignature
    }
}

extension Tensorflow_Serving_ModelSpec {
    /// Which version answered, and with which signature.
    init(answeredBy model: LoadedModel, signature: String = "") {
        self.init()
        self.name = model.name
        self.version = Google_Protobuf_Int64Value(model.version)
        self.signatureName = signature
    }
}
