// SPDX-License-Identifier: Apache-2.0

package import TensorFlowProtos

/// What a signature says of one of its tensors.
public struct TensorInfo: Hashable, Sendable {
    /// How the tensor lies in the graph.
    public enum Encoding: Hashable, Sendable {
        /// One tensor, named `node:port`.
        case dense(name: String)
        /// A sparse tensor in three dense ones.
        case sparse(values: String, indices: String, denseShape: String)
        /// Several tensors that make one value together.
        case composite([TensorInfo])
    }

    /// How the tensor lies in the graph.
    public let encoding: Encoding
    /// Type of the elements.
    ///
    /// Old models may name a reference type here; values have its ``DataType/base``.
    public let dataType: DataType
    /// Shape as far as known.
    public let shape: TensorShape

    /// A tensor in any encoding.
    public init(encoding: Encoding, dataType: DataType, shape: TensorShape) {
        self.encoding = encoding
        self.dataType = dataType
        self.shape = shape
    }

    /// A dense tensor, named `node:port`.
    public init(name: String, dataType: DataType, shape: TensorShape) {
        self.init(encoding: .dense(name: name), dataType: dataType, shape: shape)
    }

    /// Name of the tensor, `node:port`; `nil` unless it is dense.
    public var name: String? {
        if case .dense(let name) = self.encoding { name } else { nil }
    }
}

extension TensorInfo {
    /// Takes over a message.
    ///
    /// A message without a shape says that nothing is known of it.
    package init(_ message: Tensorflow_TensorInfo) {
        let encoding: Encoding =
            switch message.encoding {
            case .cooSparse(let sparse):
                .sparse(values: sparse.valuesTensorName, indices: sparse.indicesTensorName, denseShape: sparse.denseShapeTensorName)
            case .compositeTensor(let composite): .composite(composite.components.map { TensorInfo($0) })
            case .name(let name): .dense(name: name)
            case nil: .dense(name: "")
            }
        self.init(
            encoding: encoding,
            dataType: DataType(rawValue: Int32(truncatingIfNeeded: message.dtype.rawValue)),
            shape: message.hasTensorShape ? TensorShape(message.tensorShape) : .unknownRank)
    }
}
