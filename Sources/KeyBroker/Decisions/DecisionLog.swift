// SPDX-License-Identifier: Apache-2.0

/// Where decisions are recorded before they take effect.
public protocol DecisionLog: Sendable {
    /// Records a decision.
    ///
    /// - Throws: when it could not be recorded. The broker then releases nothing.
    func append(_ decision: Decision) async throws
}
