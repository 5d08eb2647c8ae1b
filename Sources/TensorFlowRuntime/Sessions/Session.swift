// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// A model loaded into TensorFlow, ready to compute.
///
/// Runs may be under way from any number of tasks at once; none of them blocks the cooperative pool, since TensorFlow is
/// called on the library's own threads.
public final class Session: Sendable {
    private struct State: Sendable {
        enum Phase { case open, closing, closed }
        var phase = Phase.open
        var running = 0
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let core: SessionCore
    private let state = Mutex(State())

    /// Loads a SavedModel from a folder of plain files.
    ///
    /// - Parameters:
    ///   - library: The TensorFlow to load it with.
    ///   - savedModelDirectory: The version's folder, which holds `saved_model.pb`.
    ///   - tags: The set of tags of the meta graph to load.
    ///   - options: How the session computes.
    /// - Throws: ``TensorFlowError``: TensorFlow's refusal, or `missing-variables` if the graph has variables but the folder has no checkpoint.
    public convenience init(
        library: TensorFlowLibrary, savedModelDirectory: String, tags: Set<String> = ["serve"], options: SessionOptions = SessionOptions()
    ) async throws {
        let core = try await library.workers.perform {
            let core = try SessionCore(library: library, folder: savedModelDirectory, tags: tags.sorted(), options: options)
            try Self.requireCheckpoint(core, folder: savedModelDirectory) { fileExists("\(savedModelDirectory)/\(Self.checkpointIndex)") }
            return core
        }
        self.init(core)
    }

    /// Loads a SavedModel from a sealed folder that is mounted.
    ///
    /// The folder may be unmounted as soon as this returns.
    ///
    /// - Throws: the failure of the first file that could not be opened or authenticated, which TensorFlow may have passed over in silence;
    ///   else as the initializer for plain files.
    public convenience init(
        library: TensorFlowLibrary, sealed mount: SealedMount, tags: Set<String> = ["serve"], options: SessionOptions = SessionOptions()
    ) async throws {
        let core = try await library.workers.perform {
            let core: SessionCore
            do {
                core = try SessionCore(library: library, folder: mount.url, tags: tags.sorted(), options: options)
            } catch {
                throw mount.failure ?? error
            }
            if let failure = mount.failure {
                core.destroy()
                throw failure
            }
            // Asked of the mount, not of the file system: what counts is whether TensorFlow was given the file.
            try Self.requireCheckpoint(core, folder: mount.folder) { mount.hasOpened(Self.checkpointIndex) }
            return core
        }
        self.init(core)
    }

    private init(_ core: SessionCore) { self.core = core }

    deinit {
        // A run holds the session, so nothing is under way; and if it was closed, nothing is left to do.
        let core = self.core
        if self.state.withLock({ $0.phase == .open }) { core.library.workers.enqueue { core.destroy() } }
    }

    /// Computes tensors of the graph from the values of others.
    ///
    /// - Parameters:
    ///   - feeds: Names as in signatures, `operation:port`, with their values.
    ///   - fetches: Names of the tensors to compute.
    ///   - timeout: How long it may take; without it, as long as it takes.
    /// - Returns: The fetched tensors, in the order asked for.
    /// - Throws: ``TensorFlowError``: `unknown-tensor`, `session-closed`, or TensorFlow's own status and words (`tensorflow-…`). `CancellationError` if
    ///   the task is cancelled before TensorFlow has begun; a run that has begun is waited for.
    public func run(feeds: [(name: String, tensor: Tensor)], fetches: [String], timeout: Duration? = nil) async throws -> [Tensor] {
        try await self.run(feeds: feeds, fetches: fetches, deadline: timeout.map { .now + $0 })
    }

    /// Computes tensors of the graph from the values of others, if that can be done before `deadline`.
    ///
    /// The time in which the run waits for a thread counts.
    ///
    /// - Parameters:
    ///   - feeds: Names as in signatures, `operation:port`, with their values.
    ///   - fetches: Names of the tensors to compute.
    ///   - deadline: When nobody waits for the answer any more; `nil` for never.
    ///   - whenBegun: Called on the run's thread before TensorFlow begins.
    /// - Returns: The fetched tensors, in the order asked for.
    /// - Throws: as ``run(feeds:fetches:timeout:)``, and `deadline-exceeded` if the deadline passes before TensorFlow has begun.
    public func run(
        feeds: [(name: String, tensor: Tensor)], fetches: [String], deadline: ContinuousClock.Instant?, whenBegun: (@Sendable () -> Void)? = nil
    ) async throws -> [Tensor] {
        try self.enter()
        defer { self.leave() }
        let core = self.core
        return try await core.library.workers.perform {
            whenBegun?()
            return try core.run(feeds: feeds, fetches: fetches, timeoutMilliseconds: try Self.millisecondsLeft(until: deadline))
        }
    }

    private static func millisecondsLeft(until deadline: ContinuousClock.Instant?) throws(TensorFlowError) -> UInt64? {
        guard let deadline else { return nil }
        let left = (deadline - .now) / .milliseconds(1)
        guard left > 0 else {
            throw TensorFlowError(.deadlineExceeded, "deadline-exceeded", "the time for the run was over before it could begin")
        }
        return UInt64(min(left, 1e15).rounded(.up))
    }

    /// Refuses new runs, waits for those under way, and frees the model.
    ///
    /// Calling it again waits for the same end.
    public func close() async {
        await withCheckedContinuation { continuation in
            let isIdle = self.state.withLock { state -> Bool? in
                switch state.phase {
                case .closed: return nil
                case .closing:
                    state.waiting.append(continuation)
                    return false
                case .open:
                    state.phase = .closing
                    state.waiting.append(continuation)
                    return state.running == 0
                }
            }
            switch isIdle {
            case nil: continuation.resume()
            case true?: self.finish()
            case false?: break
            }
        }
    }

    private func enter() throws(TensorFlowError) {
        let isOpen = self.state.withLock { state in
            guard state.phase == .open else { return false }
            state.running += 1
            return true
        }
        guard isOpen else { throw TensorFlowError(.unavailable, "session-closed", "the model is being unloaded") }
    }

    private func leave() {
        let isLast = self.state.withLock { state in
            state.running -= 1
            return state.running == 0 && state.phase == .closing
        }
        if isLast { self.finish() }
    }

    /// Frees the model on a thread that may block.
    ///
    /// Reached once: by the call that began closing, or by the last run after it.
    private func finish() {
        self.core.library.workers.enqueue {
            self.core.destroy()
            let waiting = self.state.withLock { state in
                state.phase = .closed
                defer { state.waiting = [] }
                return state.waiting
            }
            for continuation in waiting { continuation.resume() }
        }
    }

    private static let checkpointIndex = "variables/variables.index"

    /// TensorFlow loads a model whose checkpoint is missing without a word and fails at its first run.
    private static func requireCheckpoint(_ core: SessionCore, folder: String, isThere: () -> Bool) throws(TensorFlowError) {
        guard core.hasVariables, !isThere() else { return }
        core.destroy()
        throw TensorFlowError(
            .failedPrecondition, "missing-variables", "the model in \(folder) has variables, but there is no \(Self.checkpointIndex)",
            remedy: "copy the model again from its source, with its folder variables/")
    }
}
