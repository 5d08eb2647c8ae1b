// SPDX-License-Identifier: Apache-2.0

import ProtectedFiles
import Synchronization

/// The key of sealed files, held only for as long as something is being opened with it.
///
/// Those who need it at the same time share one release; when the last of them is done the key is wiped, and the next one asks anew.
final class KeyRing: Sendable {
    /// The key on loan; it is wiped with the last reference to the loan.
    final class Loan: Sendable {
        let key: WrapKey

        init(_ key: WrapKey) { self.key = key }
    }

    private struct State {
        weak var loan: Loan?
        /// The loan that is kept beyond its use.
        var kept: Loan?
        var request: Task<Loan, any Error>?
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
    /// - Throws: ``WaitingForKey`` when the source does not give it.
    func borrow() async throws -> Loan {
        let request = self.state.withLock { state -> Task<Loan, any Error> in
            if let loan = state.loan { return Task { loan } }
            if let request = state.request { return request }
            let request = Task { try await self.ask() }
            state.request = request
            return request
        }
        return try await request.value
    }

    /// Keeps the key for those who are known to need it soon, until ``letGo()``.
    func keep(_ loan: Loan) { self.state.withLock { $0.kept = loan } }

    /// Keeps the key no longer; it is wiped when nobody uses it.
    func letGo() { self.state.withLock { $0.kept = nil } }

    private func ask() async throws -> Loan {
        let result: Result<Loan, any Error>
        do {
            result = .success(Loan(try await self.source.key()))
            self.log("got the wrap key from \(self.source.name)")
        } catch {
            result = .failure(WaitingForKey(reason: error))
        }
        self.state.withLock { state in
            state.loan = try? result.get()
            state.request = nil
        }
        return try result.get()
    }
}
