// SPDX-License-Identifier: Apache-2.0

/// Why a TensorProto cannot be made a tensor.
package struct TensorProtoError: Error, Hashable, Sendable {
    /// What is wrong, for the client's eyes.
    package let reason: String

    init(_ reason: String) { self.reason = reason }
}
