// SPDX-License-Identifier: Apache-2.0

/// What loads versions; a protocol so that the manager can be tested without models.
protocol ModelLoading: Sendable {
    /// Loads a version and warms it up.
    ///
    /// - Throws: why it cannot be loaded: ``WaitingForKey`` when it may be sound and only its key is not to be had.
    func load(_ model: ServedModel, _ version: ServableFolder.Version) async throws -> LoadedModel
}

/// The key of a sealed version is not to be had at the moment.
struct WaitingForKey: Error {
    /// Why, as who refused it told.
    let reason: any Error
}
