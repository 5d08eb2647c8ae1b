// SPDX-License-Identifier: Apache-2.0

import NIOPosix
import Synchronization
package import TensorFlowProtos

/// Following a new list of models.
extension ModelManager {
    /// Takes a new list of models over; models that are kept keep serving.
    ///
    /// Returns when each model that is new by its name has a version that is available. As with TensorFlow Serving lists are followed one after the
    /// other: the next one waits, so that none is dropped before its models have been tried.
    ///
    /// - Throws: a ``RequestError`` in TensorFlow Serving's words when the list cannot be followed, and when a new model could not be loaded;
    ///   `CancellationError` when the task is cancelled before.
    package func reload(_ config: Tensorflow_Serving_ModelServerConfig) async throws {
        guard case .modelConfigList = config.config else {
            throw RequestError(
                .invalidArgument,
                "ServerModelConfig type not supported by HandleReloadConfigRequest. Only ModelConfigList is currently supported")
        }
        let configuration = try ModelConfiguration(config)
        try await self.inTurn {
            let added = try self.apply(configuration)
            try await self.waitForModels(added)
        }
    }

    /// Has the file that lists the models read again, to be followed when its turn comes, and the folders looked at; the old list stays when the new
    /// one cannot be followed.
    package func reloadFile() {
        guard self.options.configurationFile != nil else { return self.lookNow() }
        self.fileReadSink.yield()
    }

    /// Follows the file at each ``reloadFile()``, until the task is cancelled.
    func followFile() async {
        guard let file = self.options.configurationFile else { return }
        for await _ in self.fileReads { await self.follow(file) }
    }

    private func follow(_ file: String) async {
        do {
            let configuration = try await NIOThreadPool.singleton.runIfActive { try ModelConfiguration(contentsOfFile: file) }
            // Nobody waits for its models, and so the next list need not.
            try await self.inTurn { _ = try self.apply(configuration) }
        } catch is CancellationError {
            // The server ends.
        } catch {
            self.log("ERROR: Failed to read ModelServerConfig file: \(RequestError(describing: error).message)")
        }
    }

    /// Runs `body` when the lists that came before have been followed.
    private func inTurn(_ body: () async throws -> Void) async throws {
        try await self.reloadLock.withLock(onWait: { self.log("WARNING: \(Self.waitingWords)") }, body)
    }

    /// What is logged of a list that has to wait, which one from a call without a deadline may make it do for long.
    static let waitingWords =
        "a new list of models waits until each model of the one before has been loaded, or its call of HandleReloadConfigRequest ends"

    /// Takes a list over.
    ///
    /// - Returns: the names that are new.
    private func apply(_ new: ModelConfiguration) throws(RequestError) -> [String] {
        try self.checkLabels(of: new)
        let old = self.configuration.withLock { current in
            defer { current = new }
            return current
        }
        if old != new { self.repository.want(new.models) }
        self.configurationChanged()
        let known = Set(old.models.map(\.name))
        return new.models.map(\.name).filter { !known.contains($0) }
    }

    /// Throws unless each label stands for a version that can be asked, or may wait for one.
    func checkLabels(of configuration: ModelConfiguration) throws(RequestError) {
        for model in configuration.models {
            let known = self.repository.labels(of: model.name)
            for (label, version) in model.labels.sorted(by: { $0.key < $1.key }) where !self.repository.isAvailable(model.name, version: version) {
                // Moving a label away from a version that serves is never done before the new one can.
                if self.options.allowsLabelsForUnavailable, known[label] == nil || known[label] == version { continue }
                throw RequestError(
                    .failedPrecondition,
                    "Request to assign label to version \(version) of model \(model.name), which is not currently available for inference")
            }
        }
    }

    private func waitForModels(_ names: [String]) async throws {
        guard !names.isEmpty else { return }
        try await self.repository.wait { repository in names.allSatisfy { repository.outcome(of: $0) != .pending } }
        let failures = names.flatMap { name -> [String] in
            guard case .failed(let version, let error) = self.repository.outcome(of: name) else { return [] }
            return ["{{name: \(name) version: \(version)} due to error: \(error.statusText)}, "]
        }
        guard failures.isEmpty else {
            throw RequestError(.unknown, "\(failures.count) model(s) did not become available: {\(failures.joined())}")
        }
    }
}

extension ModelRepository {
    /// How far a model that was asked for has come.
    enum Outcome: Equatable {
        case pending
        case available
        case failed(version: Int64, RequestError)
    }

    /// Looks at the versions from the highest down, as TensorFlow Serving does.
    func outcome(of name: String) -> Outcome {
        let statuses = self.statuses(of: name)
        if statuses.contains(where: { $0.state == .available }) { return .available }
        guard !statuses.isEmpty, statuses.allSatisfy({ $0.state == .end }), let failed = statuses.first(where: { $0.failure != nil }) else {
            return .pending
        }
        return .failed(version: failed.version, failed.failure ?? RequestError(.unknown, "unloaded"))
    }
}
