// SPDX-License-Identifier: Apache-2.0

/// Where decisions are recorded before they take effect.
public protocol DecisionLog: Sendable {
    /// Records a decision.
    ///
    /// - Throws: when it could not be recorded. The broker then releases nothing.
    func append(_ decision: Decision) async throws

    /// Tries whether there is room for decisions again, after one could not be recorded.
    ///
    /// - Throws: when there is none.
    func probe() async throws
}

extension DecisionLog {
    /// Assumes the best: the next decision will tell.
    public func probe() async throws {}
}
