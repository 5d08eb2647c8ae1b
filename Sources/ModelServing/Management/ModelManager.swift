// SPDX-License-Identifier: Apache-2.0

import ServiceLifecycle
import Synchronization

/// Sees to it that the versions that are wanted are served: looks at the folders, loads, unloads, tries again, follows new configurations.
///
/// One loop takes one event after another and is the only one that knows the plans; what takes time runs beside it and reports back as
/// an event. Requests see only the repository.
package final class ModelManager: Service {
    enum Event: Sendable {
        case looked([ModelFolderScan.Finding])
        case loaded(name: String, version: Int64, Result<LoadedModel, any Error>)
        case retryDue(name: String, version: Int64)
        case unloaded(name: String, version: Int64)
        /// The list of models has changed.
        case configured
    }

    let repository: ModelRepository
    let metrics: ServingMetrics
    let options: ManagerOptions
    private let loader: any ModelLoading
    private let clock: any Clock<Duration>
    let log: @Sendable (String) -> Void

    let configuration: Mutex<ModelConfiguration>
    private let events: AsyncStream<Event>
    private let eventSink: AsyncStream<Event>.Continuation
    private let looks: AsyncStream<Void>
    private let lookSink: AsyncStream<Void>.Continuation
    /// Held by who follows a list of models.
    let reloadLock = AsyncMutex()
    let fileReads: AsyncStream<Void>
    let fileReadSink: AsyncStream<Void>.Continuation

    /// Prepares to serve the models of `configuration`.
    ///
    /// - Parameters:
    ///   - configuration: the models to begin with.
    ///   - repository: where requests look them up.
    ///   - loader: what loads a version.
    ///   - metrics: what clients of a reload may ask for.
    ///   - options: how models are looked for and loaded.
    ///   - clock: what the waits between polls and retries are measured by.
    ///   - log: told each step, for people.
    /// - Throws: a ``RequestError`` when a label stands for a version that is not available.
    init(
        _ configuration: ModelConfiguration, repository: ModelRepository, loader: any ModelLoading, metrics: ServingMetrics = ServingMetrics(),
        options: ManagerOptions = ManagerOptions(),
        clock: any Clock<Duration> = ContinuousClock(), log: @escaping @Sendable (String) -> Void
    ) throws(RequestError) {
        self.repository = repository
        self.metrics = metrics
        self.options = options
        self.loader = loader
        self.clock = clock
        self.log = log
        self.configuration = Mutex(configuration)
        (self.events, self.eventSink) = AsyncStream.makeStream()
        (self.looks, self.lookSink) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        (self.fileReads, self.fileReadSink) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        try self.checkLabels(of: configuration)
        repository.want(configuration.models)
    }

    /// Manages until it is cancelled or asked to shut down gracefully.
    ///
    /// - Throws: why a version could not be loaded, if that is to end everything.
    package func run() async throws {
        let failure = await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.poll() }
                group.addTask { await self.look() }
                group.addTask { await self.pollConfiguration() }
                group.addTask { await self.followFile() }
                let failure = await self.work(in: &group)
                group.cancelAll()
                return failure
            }
        } onGracefulShutdown: {
            self.eventSink.finish()
        }
        if let failure { throw failure }
    }

    /// The part of a model's requests that its configuration wants logged.
    func requestLogRate(of name: String) -> Double? {
        self.configuration.withLock { $0.models.first { $0.name == name }?.requestLogRate }
    }

    /// Has the folders looked at as soon as possible.
    package func lookNow() { self.lookSink.yield() }

    /// Tells the loop that the list of models has changed.
    func configurationChanged() {
        self.eventSink.yield(.configured)
        self.lookNow()
    }

    // MARK: Beside the loop

    private func poll() async {
        guard let interval = self.options.pollInterval else { return }
        self.lookNow()
        guard interval > .zero else { return }
        while (try? await self.clock.sleep(for: interval)) != nil { self.lookNow() }
    }

    private func look() async {
        for await _ in self.looks {
            let models = self.configuration.withLock { $0.models }
            guard let findings = try? await ModelFolderScan.look(at: models) else { return }
            self.eventSink.yield(.looked(findings))
        }
    }

    private func pollConfiguration() async {
        guard self.options.configurationPollInterval > .zero else { return }
        while (try? await self.clock.sleep(for: self.options.configurationPollInterval)) != nil { self.reloadFile() }
    }

    // MARK: The loop

    /// What the loop alone knows.
    private struct Plans {
        var models: [String: VersionPlan] = [:]
        var loads = 0
        var isStarted = false
        /// The last warning about each model, which is told once and not at every poll.
        var warnings: [String: String] = [:]
        /// What ends everything, where failures do.
        var failure: (any Error)?
    }

    /// - Returns: the failure that ended it, if one did.
    private func work(in group: inout DiscardingTaskGroup) async -> (any Error)? {
        var plans = Plans()
        for await event in self.events {
            self.take(event, &plans, in: &group)
            // Later on a failure must not end what serves.
            if self.options.endsOnFailure, !plans.isStarted, let failure = plans.failure { return failure }
            self.act(&plans, in: &group)
            self.checkStarted(&plans)
        }
        return nil
    }

    private func take(_ event: Event, _ plans: inout Plans, in group: inout DiscardingTaskGroup) {
        switch event {
        case .looked(let findings): self.takeFindings(findings, &plans)
        case .configured: self.dropUnlisted(&plans)
        case .loaded(let name, let version, let result):
            plans.loads -= 1
            switch result {
            case .success(let loaded):
                plans.models[name]?.loaded(version)
                self.repository.set(.available, loaded: loaded, of: name, version: version)
            case .failure(let error): self.takeFailure(error, of: name, version, &plans, in: &group)
            }
        case .retryDue(let name, let version): plans.models[name]?.retry(version)
        case .unloaded(let name, let version):
            self.log("unloaded model \(name) version \(version)")
            let begins = plans.models[name]?.unloaded(version) ?? false
            self.repository.set(begins ? .start : .end, of: name, version: version)
        }
    }

    private func takeFindings(_ findings: [ModelFolderScan.Finding], _ plans: inout Plans) {
        for finding in findings where plans.warnings[finding.name] != finding.warning {
            plans.warnings[finding.name] = finding.warning
            if let warning = finding.warning { self.log("WARNING: \(warning)") }
        }
        let listed = Set(self.configuration.withLock { $0.models.map(\.name) })
        for finding in findings where listed.contains(finding.name) {
            self.repository.setFailure(finding.absence.map { RequestError(describingLoad: $0) }, of: finding.name)
            plans.failure = plans.failure ?? finding.absence
            // A folder that cannot be read may mean that the storage is away, and nothing is unloaded on that ground.
            if let versions = finding.versions { self.aspire(versions, of: finding.name, &plans) }
        }
    }

    private func dropUnlisted(_ plans: inout Plans) {
        let listed = Set(self.configuration.withLock { $0.models.map(\.name) })
        for name in plans.models.keys where !listed.contains(name) { self.aspire([], of: name, &plans) }
    }

    private func aspire(_ versions: [ServableFolder.Version], of name: String, _ plans: inout Plans) {
        let changes = plans.models[name, default: VersionPlan(retries: self.options.retries)].aspire(versions)
        for version in changes.begun { self.repository.set(.start, of: name, version: version) }
        for version in changes.ended {
            let failure = self.repository.statuses(of: name).first { $0.version == version }?.failure
            self.repository.set(.end, failure: failure, of: name, version: version)
        }
    }

    private func takeFailure(
        _ error: any Error, of name: String, _ version: Int64, _ plans: inout Plans, in group: inout DiscardingTaskGroup
    ) {
        let waiting = error as? WaitingForKey
        plans.failure = plans.failure ?? waiting?.reason ?? error
        let failure = RequestError(describingLoad: waiting?.reason ?? error)
        let outcome = plans.models[name]?.loadFailed(version, isWaiting: waiting != nil) ?? .failed
        switch outcome {
        case .failed:
            self.log("ERROR: model \(name) version \(version) could not be loaded: \(failure.message)")
            self.repository.set(.end, failure: failure, of: name, version: version)
        case .again(let time):
            self.log("WARNING: model \(name) version \(version) cannot be loaded yet, next try in \(time): \(failure.message)")
            self.repository.set(.loading, failure: failure, of: name, version: version)
            group.addTask {
                guard (try? await self.clock.sleep(for: time)) != nil else { return }
                self.eventSink.yield(.retryDue(name: name, version: version))
            }
        }
    }

    /// Begins everything that can be begun.
    private func act(_ plans: inout Plans, in group: inout DiscardingTaskGroup) {
        let listed = self.configuration.withLock { Dictionary($0.models.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first }) }
        let limit = plans.isStarted ? self.options.loadThreads : self.options.startThreads
        for name in plans.models.keys.sorted() {
            while let action = plans.models[name]?.next(mayLoad: plans.loads < limit && listed[name] != nil) {
                switch action {
                case .unload(let version): self.unload(name, version, in: &group)
                case .load(let version):
                    guard let model = listed[name] else { continue }
                    plans.loads += 1
                    self.load(model, version, in: &group)
                }
            }
            if plans.models[name]?.isEmpty == true, listed[name] == nil { plans.models[name] = nil }
        }
    }

    private func load(_ model: ServedModel, _ version: ServableFolder.Version, in group: inout DiscardingTaskGroup) {
        let failure = self.repository.statuses(of: model.name).first { $0.version == version.number }?.failure
        self.repository.set(.loading, failure: failure, of: model.name, version: version.number)
        group.addTask {
            let start = ContinuousClock.now
            let result: Result<LoadedModel, any Error>
            do {
                result = .success(try await self.loader.load(model, version))
                let milliseconds = Int((ContinuousClock.now - start) / .milliseconds(1))
                self.log("loaded model \(model.name) version \(version.number) in \(milliseconds) ms")
            } catch {
                result = .failure(error)
            }
            self.eventSink.yield(.loaded(name: model.name, version: version.number, result))
        }
    }

    private func unload(_ name: String, _ version: ServableFolder.Version, in group: inout DiscardingTaskGroup) {
        let resources = self.repository.withdraw(name, version: version.number)
        group.addTask {
            await resources?.closeWhenReleased()
            self.eventSink.yield(.unloaded(name: name, version: version.number))
        }
    }

    private func checkStarted(_ plans: inout Plans) {
        guard !plans.isStarted else { return }
        let names = self.configuration.withLock { $0.models.map(\.name) }
        guard names.allSatisfy({ plans.models[$0]?.isSettled == true }) else { return }
        plans.isStarted = true
        self.repository.setStarted()
    }
}
