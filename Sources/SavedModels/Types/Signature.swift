// SPDX-License-Identifier: Apache-2.0

package import TensorFlowProtos

/// What a model can be asked for: named tensors in, named tensors out.
public struct Signature: Hashable, Sendable {
    /// The key under which clients ask when they name no signature.
    public static let defaultKey = "serving_default"
    /// Keys that hold initialisation and training of TF2 models, nothing for clients.
    public static let reservedKeys: Set<String> = ["__saved_model_init_op", "__saved_model_train_op"]

    /// The method names of TensorFlow Serving.
    public enum Method {
        /// Any inputs, any outputs.
        public static let predict = "tensorflow/serving/predict"
        /// Examples in, classes and scores out.
        public static let classify = "tensorflow/serving/classify"
        /// Examples in, values out.
        public static let regress = "tensorflow/serving/regress"
    }

    /// Inputs by key.
    public let inputs: [String: TensorInfo]
    /// Outputs by key.
    public let outputs: [String: TensorInfo]
    /// Which of TensorFlow Serving's calls it is made for, one of ``Method``'s in well-formed models.
    public let methodName: String
    /// Values of the inputs that a client may leave out.
    package let defaults: [String: Tensorflow_TensorProto]

    /// A signature without defaults.
    public init(inputs: [String: TensorInfo], outputs: [String: TensorInfo], methodName: String = Method.predict) {
        self.inputs = inputs
        self.outputs = outputs
        self.methodName = methodName
        self.defaults = [:]
    }

    /// Keys of the inputs that a client may leave out.
    public var optionalInputs: Set<String> { Set(self.defaults.keys) }

    /// Takes over a message.
    package init(_ message: Tensorflow_SignatureDef) {
        self.inputs = message.inputs.mapValues { TensorInfo($0) }
        self.outputs = message.outputs.mapValues { TensorInfo($0) }
        self.methodName = message.methodName
        self.defaults = message.defaults
    }
}
