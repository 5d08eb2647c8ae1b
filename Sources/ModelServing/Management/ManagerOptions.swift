// SPDX-License-Identifier: Apache-2.0

/// How models are looked for and loaded.
struct ManagerOptions: Sendable {
    /// The time between two looks at the folders; zero for a single look, `nil` for none until a reload asks for one.
    var pollInterval: Duration? = .seconds(1)
    /// The file that lists the models, if there is one.
    var configurationFile: String?
    /// The time between two readings of that file; zero for none but the first.
    var configurationPollInterval = Duration.zero
    var retries = VersionPlan.Retries()
    /// How many loads run at once after the start.
    var loadThreads = 1
    /// How many loads run at once during the start.
    var startThreads = 4
    /// Whether a label may stand for a version that is not available yet.
    var allowsLabelsForUnavailable = false
    /// Whether what cannot be loaded at the start ends the manager, with its error.
    var endsOnFailure = false
}
