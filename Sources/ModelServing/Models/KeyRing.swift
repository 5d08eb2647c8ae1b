// SPDX-License-Identifier: Apache-2.0

import SecretProvisioning
import Synchronization

/// The key of sealed files, in all its released versions, held only for as long as something is being opened with it.
///
/// Those who need it at the same time for the same model share one release; when the last of them is done the key is wiped, and the next
/// one asks anew. A key that was released without a model serves any.
final class KeyRing: Sendable {
    /// The key on loan; it is wiped with the last reference to the loan.
    final class Loan: Sendable {
        let keys: KeyVersions

        init(_ keys: KeyVersions) { self.keys = keys }
    }

    /// What is known of one release.
    private struct Release {
        weak var loan: Loan?
        var request: Task<Loan, any Error>?
    }

    private struct State {
        /// By the model that each was asked for.
        var releases: [ModelDigest?: Release] = [:]
        /// The loan that is kept beyond its use.
        var kept: Loan?
    }

    private let source: WrapKeySource
    private let state = Mutex(State())
    private let log: @Sendable (String) -> Void

    init(_ source: WrapKeySource, log: @escaping @Sendable (String) -> Void) {
        self.source = source
        self.log = log
    }

    /// Gets the key, from those who have it at the moment or from its source.
    ///
    /// `model`: what is opened with it, where that is known.
    ///
    /// - Throws: ``WaitingForKey`` when the source does not give it.
    func borrow(for model: ModelDigest? = nil) async throws -> Loan {
        let request = self.state.withLock { state -> Task<Loan, any Error> in
            if let loan = state.releases[model]?.loan ?? state.releases[nil]?.loan { return Task { loan } }
            if let request = state.releases[model]?.request { return request }
            let request = Task { try await self.ask(for: model) }
            state.releases[model] = Release(request: request)
            return request
        }
        return try await request.value
    }

    /// Keeps the key for those who are known to need it soon, until ``letGo()``.
    func keep(_ loan: Loan) { self.state.withLock { $0.kept = loan } }

    /// Keeps the key no longer; it is wiped when nobody uses it.
    func letGo() { self.state.withLock { $0.kept = nil } }

    private func ask(for model: ModelDigest?) async throws -> Loan {
        let result: Result<Loan, any Error>
        do {
            let keys = try await self.source.keys(for: model, log: self.log)
            result = .success(Loan(keys))
            self.log("got the wrap key from \(self.source.name)\(keys.count > 1 ? ", in \(keys.count) versions" : "")")
        } catch {
            result = .failure(WaitingForKey(reason: error))
        }
        self.state.withLock { state in
            // Of those whose key is wiped nothing needs to be known.
            state.releases = state.releases.filter { $0.value.loan != nil || $0.value.request != nil }
            state.releases[model] = Release(loan: try? result.get())
        }
        return try result.get()
    }
}
