// SPDX-License-Identifier: Apache-2.0

/// Whether a server can answer, model by model, and why not.
package struct ServerReadiness: Hashable, Sendable {
    /// One model that is to be served.
    package struct Model: Hashable, Sendable {
        package let name: String
        /// The highest version that is available.
        package let version: Int64?
        /// Why none is.
        package let reason: String?
    }

    /// What keeps the whole server from answering.
    package let obstacle: String?
    /// The models, by name.
    package let models: [Model]

    /// Whether everything that was asked for can be asked.
    package var isReady: Bool { self.obstacle == nil && self.models.allSatisfy { $0.version != nil } }
}
