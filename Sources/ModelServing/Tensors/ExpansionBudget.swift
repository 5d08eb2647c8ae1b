// SPDX-License-Identifier: Apache-2.0

/// How much memory the tensors of one request may take beyond the values sent for them.
///
/// A TensorProto of a few bytes can stand for a tensor of any size: missing values repeat the last one, and each string takes an object.
/// Without a bound over all of a request's tensors a short message could claim any amount of memory.
package struct ExpansionBudget {
    /// The bytes that a request may expand to.
    package static let limit = 1 << 28

    private var remaining = Self.limit

    package init() {}

    /// Takes `count` elements of `size` bytes off the budget.
    mutating func charge(_ count: Int, of size: Int) throws(TensorProtoError) {
        let (bytes, overflow) = count.multipliedReportingOverflow(by: size)
        guard !overflow, bytes <= self.remaining else {
            throw TensorProtoError(
                "\(count) elements of \(size) bytes are more than a request may fill up (\(Self.limit) bytes over all its inputs): send the values")
        }
        self.remaining -= bytes
    }
}
