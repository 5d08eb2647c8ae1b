// SPDX-License-Identifier: Apache-2.0

/// Tells types and shapes of a graph's tensors; made by whoever has TensorFlow.
package protocol GraphInference {
    /// Imports a serialized GraphDef and says of each tensor, named `node:port`, what TensorFlow infers.
    func outputs(of graphDef: [UInt8], tensors: [String]) throws -> [(DataType, TensorShape)]
}

/// The operations that an installed TensorFlow has.
package protocol OperationCatalog {
    /// Newest GraphDef version that it reads.
    var graphVersion: Int32 { get }
    /// Whether it has the operation.
    func contains(_ operation: String) -> Bool
    /// From which GraphDef version on it refuses a graph that has the operation; `nil` while it takes it in any.
    func refusedVersion(of operation: String) -> Int32?
    /// Whether it can compute the operation on a processor.
    func hasKernel(of operation: String) throws -> Bool
}
