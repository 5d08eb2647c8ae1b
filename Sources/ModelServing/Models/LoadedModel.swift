// SPDX-License-Identifier: Apache-2.0

import TensorFlowProtos
import TensorFlowRuntime

/// One version of a model, loaded and able to answer.
///
/// A request holds it for as long as it runs, so a version that is being unloaded finishes what it has begun.
package final class LoadedModel: Sendable {
    package let name: String
    package let version: Int64
    /// The signatures of the meta graph as they are in the file.
    let signatures: [String: Tensorflow_SignatureDef]
    let session: Session

    init(name: String, version: Int64, signatures: [String: Tensorflow_SignatureDef], session: Session) {
        self.name = name
        self.version = version
        self.signatures = signatures
        self.session = session
    }

    /// Computes tensors of the graph from the values of others.
    package func run(feeds: [(name: String, tensor: Tensor)], fetches: [String], timeout: Duration?) async throws -> [Tensor] {
        try await self.session.run(feeds: feeds, fetches: fetches, timeout: timeout)
    }
}
