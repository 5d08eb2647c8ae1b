// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Which versions of which models there are, what state each is in, and which of them answers a request.
///
/// Requests read it; ``ModelManager`` alone writes to it.
package final class ModelRepository: Sendable {
    /// The states of a version, in the words and order of TensorFlow Serving.
    package enum State: String, Sendable {
        /// Known, not yet loading.
        case start
        /// Loading, or waiting to try again.
        case loading
        case available
        /// Takes no new requests.
        case unloading
        case end
    }

    /// What is known of one version.
    package struct Status: Sendable {
        package let version: Int64
        package let state: State
        /// Why the version ended when that was not as asked, or why it is still loading.
        package let failure: RequestError?
    }

    fileprivate struct Entry {
        var state = State.start
        var failure: RequestError?
        var loaded: LoadedModel?
    }

    fileprivate struct Model {
        var versions: [Int64: Entry] = [:]
        /// The highest version that is available.
        var latest: LoadedModel?
        var labels: [String: Int64] = [:]
        /// Why the model has no versions, where its folder cannot be read.
        var failure: RequestError?
    }

    fileprivate struct Contents {
        var models: [String: Model] = [:]
        /// Names of the models that are to be served, sorted.
        var wanted: [String] = []
        /// Whether every model that was asked for at the start has been tried.
        var isStarted = false
        /// What keeps the whole server from starting.
        var obstacle: RequestError?
    }

    private let contents = Mutex(Contents())
    private let listeners = Mutex<(next: Int, streams: [Int: AsyncStream<Void>.Continuation])>((0, [:]))

    private let admission: Admission

    /// - Parameter admission: what knows whether the server ends, also for the runs that it lets in.
    package init(admission: Admission = Admission()) { self.admission = admission }

    // MARK: For requests

    /// The loaded version that a request is for.
    ///
    /// - Parameters:
    ///   - name: the model's name.
    ///   - choice: the version asked for.
    /// - Returns: the version, to be held for as long as the request runs.
    /// - Throws: a ``RequestError`` when it is not there or not available.
    package func model(_ name: String, _ choice: VersionChoice) throws(RequestError) -> LoadedModel {
        let (loaded, refusal) = self.contents.withLock { contents -> (LoadedModel?, RequestError?) in
            let model = contents.models[name]
            switch choice {
            case .latest:
                if let loaded = model?.latest { return (loaded, nil) }
                return (nil, contents.refusal("Servable not found for request: Latest(\(name))"))
            case .number(let version):
                if let loaded = model?.versions[version]?.loaded { return (loaded, nil) }
                return (nil, contents.refusal("Servable not found for request: Specific(\(name), \(version))"))
            case .label(let label):
                guard let version = model?.labels[label] else {
                    return (nil, RequestError(.invalidArgument, "Unrecognized servable version label: \(label)"))
                }
                if let loaded = model?.versions[version]?.loaded { return (loaded, nil) }
                return (nil, contents.refusal("Servable not found for request: Specific(\(name), \(version))"))
            }
        }
        if let loaded { return loaded }
        throw refusal ?? RequestError(.internalError, "a lookup without a result")
    }

    /// What is known of a model's versions, highest first.
    package func statuses(of name: String, version: Int64?) throws(RequestError) -> [Status] {
        let all = self.statuses(of: name)
        guard let version else {
            guard !all.isEmpty else { throw RequestError(.notFound, "Could not find any versions of model \(name)") }
            return all
        }
        let one = all.filter { $0.version == version }
        guard !one.isEmpty else { throw RequestError(.notFound, "Could not find version \(version) of model \(name)") }
        return one
    }

    /// What is known of a model's versions, highest first; nothing for a model that is not known.
    package func statuses(of name: String) -> [Status] {
        let versions = self.contents.withLock { $0.models[name]?.versions ?? [:] }
        return versions.map { Status(version: $0, state: $1.state, failure: $1.failure) }.sorted { $0.version > $1.version }
    }

    // MARK: For probes

    /// Whether each model that is to be served can answer, and why not.
    package var readiness: ServerReadiness {
        self.contents.withLock { contents in
            ServerReadiness(
                obstacle: contents.obstacle?.message,
                models: contents.wanted.map { name in
                    let model = contents.models[name] ?? Model()
                    return ServerReadiness.Model(name: name, version: model.latest?.version, reason: model.reason)
                })
        }
    }

    /// Whether the server finishes what it has and takes nothing new.
    package var isDraining: Bool { self.admission.isDraining }

    /// Has the server known to end, and tells those who watch its health.
    ///
    /// To be called before the listeners are told to drain: they then cancel every call, which from now on is no wish of the client's.
    package func beginDraining() {
        self.admission.beginDraining()
        self.change { _ in }
    }

    /// Calls back after each change, until the stream is let go of.
    func changes() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let number = self.listeners.withLock { listeners in
            defer { listeners.next += 1 }
            listeners.streams[listeners.next] = continuation
            return listeners.next
        }
        continuation.onTermination = { [weak self] _ in self?.listeners.withLock { _ = $0.streams.removeValue(forKey: number) } }
        return stream
    }

    /// Waits until `condition` holds.
    ///
    /// - Throws: `CancellationError` when the task is cancelled before.
    package func wait(until condition: (ModelRepository) -> Bool) async throws {
        let changes = self.changes()
        if condition(self) { return }
        for await _ in changes where condition(self) { return }
        throw CancellationError()
    }

    // MARK: For the manager

    /// Sets which models are to be served, and for each what its labels stand for.
    func want(_ models: [ServedModel]) {
        self.change { contents in
            let known = Set(contents.wanted)
            contents.wanted = models.map(\.name).sorted()
            // Of a model that comes back nobody must take an old failure for a new one.
            for name in contents.wanted where !known.contains(name) {
                let versions = contents.models[name]?.versions ?? [:]
                contents.models[name]?.versions = versions.filter { $0.value.state != .end }
            }
            for name in contents.models.keys { contents.models[name]?.labels = [:] }
            for model in models { contents.models[model.name, default: Model()].labels = model.labels }
        }
    }

    /// Sets what keeps the whole server from starting, or that nothing does any more.
    package func setObstacle(_ obstacle: RequestError?) { self.change { $0.obstacle = obstacle } }

    /// From now on a version that is not found is really not there, and not only not yet.
    func setStarted() { self.change { $0.isStarted = true } }

    /// Whether every model that was asked for at the start has been tried.
    package var isStarted: Bool { self.contents.withLock { $0.isStarted } }

    /// Sets why a model's versions cannot be told, or that they can.
    func setFailure(_ failure: RequestError?, of name: String) { self.change { $0.models[name, default: Model()].failure = failure } }

    /// Sets the state of a version; one that is available is to be given with it, and any other is let go of.
    func set(_ state: State, failure: RequestError? = nil, loaded: LoadedModel? = nil, of name: String, version: Int64) {
        self.change { contents in
            var model = contents.models[name] ?? Model()
            model.versions[version] = Entry(state: state, failure: failure, loaded: loaded)
            model.latest = model.versions.values.compactMap(\.loaded).max { $0.version < $1.version }
            contents.models[name] = model
        }
    }

    /// Takes a version out, so that no new request finds it, and says what is to be freed when the last request is done.
    func withdraw(_ name: String, version: Int64) -> ModelResources? {
        let resources = self.contents.withLock { $0.models[name]?.versions[version]?.loaded?.resources }
        self.set(.unloading, of: name, version: version)
        return resources
    }

    /// Whether a version can be asked.
    func isAvailable(_ name: String, version: Int64) -> Bool {
        self.contents.withLock { $0.models[name]?.versions[version]?.loaded != nil }
    }

    /// What the labels of a model stand for now.
    func labels(of name: String) -> [String: Int64] { self.contents.withLock { $0.models[name]?.labels ?? [:] } }

    private func change(_ change: (inout Contents) -> Void) {
        self.contents.withLock { change(&$0) }
        for stream in self.listeners.withLock({ Array($0.streams.values) }) { stream.yield() }
    }
}

extension ModelRepository.Contents {
    /// Why a version was not found.
    ///
    /// TensorFlow Serving opens its port only when all models have been tried, and its clients wait for its words on a missing model to
    /// know that it has: until then they must not hear them.
    fileprivate func refusal(_ message: String) -> RequestError {
        guard !self.isStarted else { return RequestError(.notFound, message) }
        if let obstacle = self.obstacle { return RequestError(.unavailable, "the server is not ready: \(obstacle.message)") }
        let waiting = self.wanted.compactMap { name in self.models[name]?.reason.map { "\(name): \($0)" } }
        return RequestError(
            .unavailable, "the server is not ready: \(waiting.isEmpty ? "its models are looked for" : waiting.joined(separator: "; "))")
    }
}

extension ModelRepository.Model {
    /// Why the model cannot answer; `nil` when it can.
    fileprivate var reason: String? {
        if self.latest != nil { return nil }
        if let failure = self.failure { return failure.message }
        guard let (version, entry) = self.versions.max(by: { $0.key < $1.key }) else { return "no version of it was found yet" }
        let state =
            switch entry.state {
            case .start: "waits to be loaded"
            case .loading: entry.failure == nil ? "is being loaded" : "cannot be loaded yet"
            case .available: "is available"
            case .unloading: "is being unloaded"
            case .end: entry.failure == nil ? "was unloaded" : "could not be loaded"
            }
        return "version \(version) \(state)\(entry.failure.map { ": \($0.message)" } ?? "")"
    }
}
