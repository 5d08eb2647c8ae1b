// SPDX-License-Identifier: Apache-2.0

import SavedModels
package import TensorFlowProtos
package import TensorFlowRuntime

extension Tensor {
    /// Makes a tensor of what a client sent; `tensor_content` is copied once.
    ///
    /// - Parameters:
    ///   - proto: the client's tensor.
    ///   - budget: what the tensors of the same request may still expand to.
    /// - Throws: what is wrong with the tensor.
    package init(decoding proto: Tensorflow_TensorProto, budget: inout ExpansionBudget) throws(TensorProtoError) {
        let reader = try TensorProtoReader(proto, budget: &budget)
        do {
            if reader.holdsStrings {
                try self.init(strings: try reader.strings(), shape: reader.shape)
            } else {
                let dataType = DataType(rawValue: Int32(reader.dataType.rawValue))
                // Sound: the buffer has the tensor's size, which is what `store` asks for.
                try unsafe self.init(dataType: dataType, shape: reader.shape) { unsafe reader.store(into: $0) }
            }
        } catch let error as TensorProtoError {
            throw error
        } catch let error as TensorFlowError {
            throw TensorProtoError(error.message)
        } catch {
            throw TensorProtoError("\(error)")
        }
    }
}
