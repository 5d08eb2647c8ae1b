// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// How far a sealing, opening or verifying is, readable and cancellable from any thread.
public final class ProtectedFileProgress: Sendable {
    private let done = Atomic(0)
    private let total = Atomic(-1)
    private let finishedFiles = Atomic(0)
    private let cancelled = Atomic(false)

    /// Makes a progress that nothing was done of yet.
    public init() {}

    /// Plaintext bytes that were worked on so far.
    public var bytesDone: Int { self.done.load(ordering: .relaxed) }

    /// Bytes there are to work on, by the lengths of the inputs; `nil` as long as that is not known, and for a stream.
    public var bytesTotal: Int? {
        let total = self.total.load(ordering: .relaxed)
        return total < 0 ? nil : total
    }

    /// Files that are complete.
    public var filesDone: Int { self.finishedFiles.load(ordering: .relaxed) }

    /// Makes the work stop soon: it then throws `CancellationError` and leaves nothing behind.
    public func cancel() { self.cancelled.store(true, ordering: .relaxed) }

    func expect(_ bytes: Int) { self.total.store(bytes, ordering: .relaxed) }

    func add(_ bytes: Int) { self.done.wrappingAdd(bytes, ordering: .relaxed) }

    func finishFile() { self.finishedFiles.wrappingAdd(1, ordering: .relaxed) }

    func checkCancelled() throws {
        if self.cancelled.load(ordering: .relaxed) { throw CancellationError() }
    }
}
