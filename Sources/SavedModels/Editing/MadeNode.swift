// SPDX-License-Identifier: Apache-2.0

/// A node that the conversion makes itself, in place of another or beside the others.
struct MadeNode: Sendable {
    let name: String
    let operation: String
    var inputs: [GraphIndex.Edge] = []
    /// Where the device is written down in the source graph; empty for none.
    var device = ByteRange.empty
    /// Attributes by key, each an encoded AttrValue; they go out in the order of their keys.
    var attributes: [String: [UInt8]] = [:]
    /// What a constant of numbers holds; it goes out as attributes `dtype` and `value`.
    var constant: MadeConstant?
}

/// The value of a constant that the conversion makes.
struct MadeConstant: Sendable {
    let dataType: DataType
    let shape: TensorShape
    let content: TensorContent
}

extension MadeNode {
    /// A placeholder, which takes a value in each run.
    static func placeholder(name: String, type: DataType, shape: TensorShape) -> MadeNode {
        MadeNode(name: name, operation: "Placeholder", attributes: ["dtype": AttributeEncoding.type(type), "shape": AttributeEncoding.shape(shape)])
    }

    /// A constant of numbers.
    static func constant(name: String, _ value: MadeConstant) -> MadeNode {
        MadeNode(name: name, operation: "Const", constant: value)
    }

    /// A constant of strings.
    static func strings(name: String, _ strings: [String], shape: TensorShape) -> MadeNode {
        MadeNode(
            name: name, operation: "Const",
            attributes: ["dtype": AttributeEncoding.type(.string), "value": AttributeEncoding.strings(strings, shape: shape)])
    }
}
