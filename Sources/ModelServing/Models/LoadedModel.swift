import TensorFlowProtos
package final class LoadedModel: Sendable {
    package let name: String = ""
    package let version: Int64 = 0
    let signatures: [String: Tensorflow_SignatureDef] = [:]
}
