// SPDX-License-Identifier: Apache-2.0

import NIOPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Gives the memory that requests have left behind back to the system, once there is nothing to do.
///
/// While there is, it is kept: to get it from the system anew is what a large request would wait for most.
struct IdleMemory {
    /// How long nothing happens before memory is given back.
    private static let interval = Duration.seconds(10)
    /// The share of a processor below which nothing happens: what timers and looking for new versions take.
    private static let idleShare = 0.02

    private var time: Duration
    private var wasBusy = true

    init(processorTime: Duration) { self.time = processorTime }

    /// Whether to give memory back now: in the first interval without work after one with.
    ///
    /// `processorTime`: what the process has used since its start; told once an interval.
    mutating func isDue(processorTime: Duration) -> Bool {
        let isIdle = processorTime - self.time < Self.interval * Self.idleShare
        defer {
            self.time = processorTime
            self.wasBusy = !isIdle
        }
        return isIdle && self.wasBusy
    }

    /// Watches until it is cancelled.
    static func giveBack() async throws {
        var watch = IdleMemory(processorTime: Self.processorTime)
        while true {
            try await Task.sleep(for: Self.interval)
            guard watch.isDue(processorTime: Self.processorTime) else { continue }
            try await NIOThreadPool.singleton.runIfActive { ProcessSettings.returnFreeMemory() }
        }
    }

    /// What all threads have used together.
    private static var processorTime: Duration {
        var time = timespec()
        // Sound: the structure is filled while it is lent.
        unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
