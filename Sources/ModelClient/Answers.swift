// SPDX-License-Identifier: Apache-2.0

public import SavedModels

/// What a server predicted.
public struct PredictionAnswer: Hashable, Sendable {
    /// The model that answered.
    public let model: String
    /// The version that answered.
    public let version: Int64
    /// The key of the signature that was used.
    public let signature: String
    /// The tensors by the signature's names.
    public let outputs: [String: TensorValue]
}

/// What a server says of a model.
public struct ModelMetadata: Hashable, Sendable {
    /// The model.
    public let model: String
    /// The version that is described.
    public let version: Int64
    /// Signatures by key.
    public let signatures: [String: Signature]
}

/// The state of one version of a model.
public struct ModelVersionStatus: Hashable, Sendable {
    /// The version.
    public let version: Int64
    /// TensorFlow Serving's word for the state, such as `AVAILABLE`.
    public let state: String
    /// Why it failed, if it did.
    public let failure: String?
}
