// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Threads of our own for long blocking work, so that the concurrency runtime's pool never waits for a disk.
enum WorkerThreads {
    /// As many as the machine has processors, within reason: each holds a buffer.
    static let defaultCount = min(max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))), maximumCount)
    /// More do not help, and their buffers would leave the memory budget.
    static let maximumCount = 32

    /// Runs `body` on `count` threads, of which the caller's is one, and waits for all.
    ///
    /// - Throws: the first error that a worker threw; the others are expected to stop soon by ``WorkState``.
    static func run(_ count: Int, _ state: WorkState, _ body: @escaping @Sendable () throws -> Void) throws {
        let work = Work { state.attempt(body) }
        let threads = (1..<max(1, count)).compactMap { _ in Self.start(work) }
        work.body()
        for thread in threads { pthread_join(thread, nil) }
        try state.rethrow()
    }

    private final class Work: Sendable {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    #if canImport(Darwin)
        private typealias Thread = pthread_t?
    #else
        private typealias Thread = pthread_t
    #endif

    /// Starts a thread; `nil` when the system has none left, and then the others do its work.
    private static func start(_ work: Work) -> pthread_t? {
        #if canImport(Darwin)
            var thread: pthread_t?
        #else
            var thread = pthread_t()
        #endif
        // Sound: the reference that is passed is released once: by the thread, or here when there is none.
        let context = unsafe Unmanaged.passRetained(work)
        let status = unsafe pthread_create(
            &thread, nil,
            { context in
                #if canImport(Darwin)
                    unsafe Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body()
                #else
                    if let context = unsafe context { unsafe Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body() }
                #endif
                return nil
            }, context.toOpaque())
        guard status == 0 else {
            unsafe context.release()
            return nil
        }
        return thread
    }
}

/// What workers on one job share: the first error, upon which all stop.
final class WorkState: Sendable {
    private let failure = Mutex<(any Error)?>(nil)
    private let hasFailed = Atomic(false)

    /// Whether a worker should leave what it has not begun.
    var isStopped: Bool { self.hasFailed.load(ordering: .relaxed) }

    fileprivate func attempt(_ body: () throws -> Void) {
        do {
            try body()
        } catch {
            self.failure.withLock { $0 = $0 ?? error }
            self.hasFailed.store(true, ordering: .relaxed)
        }
    }

    fileprivate func rethrow() throws {
        if let error = self.failure.withLock({ $0 }) { throw error }
    }
}
