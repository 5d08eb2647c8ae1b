// SPDX-License-Identifier: Apache-2.0

/// Accepted values of one field of a report.
///
/// That nothing is given is said, not implied: rules decide what follows from it, and never read it as "matches".
public enum ReferenceValue<Value: Hashable & Sendable>: Hashable, Sendable {
    /// The owner says nothing about the field.
    case notGiven
    /// Any of these; an empty list accepts nothing.
    case anyOf([Value])

    /// Whether the owner says something about the field.
    public var isGiven: Bool { self != .notGiven }
}
