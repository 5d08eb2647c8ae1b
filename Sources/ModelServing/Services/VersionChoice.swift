// SPDX-License-Identifier: Apache-2.0

/// Which version of a model a request is for.
package enum VersionChoice: Hashable, Sendable {
    /// The highest that is available.
    case latest
    case number(Int64)
    /// The one that a label of the model's configuration stands for.
    case label(String)
}
