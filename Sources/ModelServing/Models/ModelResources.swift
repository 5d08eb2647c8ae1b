// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// What a loaded version takes up, which outlives the version itself so that it can be freed in an orderly way.
final class ModelResources: Sendable {
    private enum State {
        case held
        case waited(CheckedContinuation<Void, Never>)
        case released
    }

    let runner: any ModelRunning
    private let state = Mutex(State.held)

    init(runner: any ModelRunning) { self.runner = runner }

    /// To be called once, when the version has no holder any more.
    func release() {
        let waiting = self.state.withLock { state -> CheckedContinuation<Void, Never>? in
            defer { state = .released }
            if case .waited(let continuation) = state { return continuation }
            return nil
        }
        waiting?.resume()
    }

    /// Waits until no request holds the version, then frees everything.
    ///
    /// To be called once, by who took the version out of the repository.
    func closeWhenReleased() async {
        await withCheckedContinuation { continuation in
            let isReleased = self.state.withLock { state in
                if case .released = state { return true }
                state = .waited(continuation)
                return false
            }
            if isReleased { continuation.resume() }
        }
        await self.runner.close()
    }
}
