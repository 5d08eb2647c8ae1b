// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// How many runs the whole server takes on at once, and whether it is ending.
///
/// Runs that wait for a thread or a batch count. What comes beyond the limit is refused at once: each waiting request holds its tensors,
/// and without a limit a burst would take all memory.
package final class Admission: Sendable {
    /// The limit unless another is asked for.
    package static let standardLimit = 1024

    private let limit: Int
    private let running = Atomic<Int>(0)
    private let draining = Atomic<Bool>(false)

    /// Lets in `limit` runs at once; 0 for any number.
    package init(limit: Int = Admission.standardLimit) { self.limit = limit }

    /// Takes a place, to be given back with ``leave()``.
    ///
    /// - Throws: `RESOURCE_EXHAUSTED` when all are taken.
    func enter() throws(RequestError) {
        let now = self.running.add(1, ordering: .relaxed).newValue
        guard self.limit == 0 || now <= self.limit else {
            self.leave()
            throw RequestError(
                .resourceExhausted, "the server has \(self.limit) requests under way, as many as it takes at once (--max-pending-requests)")
        }
    }

    func leave() { self.running.subtract(1, ordering: .relaxed) }

    /// Whether the server finishes what it has and takes nothing new.
    package var isDraining: Bool { self.draining.load(ordering: .acquiring) }

    /// Called by ``ModelRepository/beginDraining()``, which tells others too.
    func beginDraining() { self.draining.store(true, ordering: .releasing) }
}
