// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Which versions of which models there are, and what state each is in.
package final class ModelRepository: Sendable {
    /// The states of a version, in the words and order of TensorFlow Serving.
    package enum State: Sendable {
        /// Known, not yet loading.
        case start
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
        /// Why the version ended, when that was not as asked.
        package let failure: RequestError?
    }

    private struct Entry {
        var state = State.start
        var failure: RequestError?
        var loaded: LoadedModel?
    }

    private let models = Mutex<[String: [Int64: Entry]]>([:])

    package init() {}

    /// Loads a version with `load`, keeping its state up to date on the way.
    ///
    /// - Throws: what `load` throws; the version is then listed as ended with that failure.
    package func load(_ name: String, version: Int64, with load: () async throws -> LoadedModel) async throws {
        self.update(name, version) { $0 = Entry(state: .loading) }
        do {
            let loaded = try await load()
            self.update(name, version) { $0 = Entry(state: .available, loaded: loaded) }
        } catch {
            self.update(name, version) { $0 = Entry(state: .end, failure: RequestError(describing: error)) }
            throw error
        }
    }

    /// The loaded version that a request is for.
    ///
    /// - Parameters:
    ///   - name: the model's name.
    ///   - choice: the version asked for.
    /// - Returns: the version, to be held for as long as the request runs.
    /// - Throws: a ``RequestError`` when it is not there or not available.
    package func model(_ name: String, _ choice: VersionChoice) throws(RequestError) -> LoadedModel {
        let versions = self.models.withLock { $0[name] ?? [:] }
        switch choice {
        case .number(let version):
            if let loaded = versions[version]?.loaded { return loaded }
            throw RequestError(.notFound, "Servable not found for request: Specific(\(name), \(version))")
        case .latest:
            let latest = versions.values.compactMap(\.loaded).max { $0.version < $1.version }
            if let latest { return latest }
            throw RequestError(.notFound, "Servable not found for request: Latest(\(name))")
        case .label(let label): throw RequestError(.invalidArgument, "Unrecognized servable version label: \(label)")
        }
    }

    /// What is known of a model's versions, highest first.
    package func statuses(of name: String, version: Int64?) throws(RequestError) -> [Status] {
        let versions = self.models.withLock { $0[name] ?? [:] }
        let all = versions.map { Status(version: $0, state: $1.state, failure: $1.failure) }.sorted { $0.version > $1.version }
        guard let version else {
            guard !all.isEmpty else { throw RequestError(.notFound, "Could not find any versions of model \(name)") }
            return all
        }
        let one = all.filter { $0.version == version }
        guard !one.isEmpty else { throw RequestError(.notFound, "Could not find version \(version) of model \(name)") }
        return one
    }

    private func update(_ name: String, _ version: Int64, _ change: (inout Entry) -> Void) {
        self.models.withLock { change(&$0[name, default: [:]][version, default: Entry()]) }
    }
}
