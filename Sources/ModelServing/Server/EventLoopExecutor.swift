// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix

/// Runs tasks on the event loops, each job on the loop that made it ready.
///
/// A call's bytes come and go on its connection's event loop. With its task there too, nothing of an answer waits for another thread to wake up
/// but the session's run: for a small model that is half of what an answer costs.
final class EventLoopExecutor: TaskExecutor {
    /// Whose loop the jobs are that become ready elsewhere; `nil` for whichever is next.
    private let home: (any EventLoop)?

    /// Keeps jobs on the loop that they become ready on.
    init() { self.home = nil }

    private init(home: any EventLoop) { self.home = home }

    /// Brings jobs back to the loop that this is called on; `nil` when it is called elsewhere.
    static var current: EventLoopExecutor? { MultiThreadedEventLoopGroup.currentEventLoop.map { EventLoopExecutor(home: $0) } }

    func enqueue(_ job: consuming ExecutorJob) {
        // Sound: the loop runs the job, once, and this executor lives as long as the closure.
        let job = UnownedJob(job)
        let loop = self.home ?? MultiThreadedEventLoopGroup.currentEventLoop ?? MultiThreadedEventLoopGroup.singleton.next()
        loop.execute { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
