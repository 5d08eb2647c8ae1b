// SPDX-License-Identifier: Apache-2.0

/// Which version of a model a request asks for.
package enum VersionChoice: Hashable, Sendable {
    /// The highest that is available.
    case latest
    case number(Int64)
    case label(String)
}
