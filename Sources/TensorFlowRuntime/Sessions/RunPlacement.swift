// SPDX-License-Identifier: Apache-2.0

/// Where the operations of a run are executed.
enum RunPlacement: Hashable, Sendable {
    /// On TensorFlow's threads, those that do not depend on each other side by side.
    case threadPool
    /// One after the other on the thread that asks for the run; a single operation may still use several threads.
    case callingThread
}

/// Finds out which placement is better for a session.
///
/// A small model spends much of its time, and more of the processor's, on handing operations from thread to thread; a large one with branches
/// side by side is faster when they are spread. Which one a model is depends on its graph, its inputs and the machine, so the first runs
/// try both in turn, and their times decide.
struct RunPlacementTrial: Sendable {
    /// The first runs set up what later ones use.
    private static let warmUpRuns = 8
    /// How many runs of each kind are compared.
    private static let sampleSize = 24

    private var begun = 0
    private var times: [RunPlacement: [Duration]] = [:]
    private(set) var decision: RunPlacement?

    /// Where the next run is to be executed.
    mutating func next() -> RunPlacement {
        if let decision { return decision }
        self.begun += 1
        return self.begun > Self.warmUpRuns && self.begun.isMultiple(of: 2) ? .callingThread : .threadPool
    }

    /// Takes note of how long a run took.
    mutating func finished(_ placement: RunPlacement, after time: Duration) {
        guard self.decision == nil, self.begun > Self.warmUpRuns else { return }
        self.times[placement, default: []].append(time)
        guard let pool = self.median(.threadPool), let caller = self.median(.callingThread) else { return }
        // The calling thread does less work altogether, so a tie is its.
        self.decision = caller <= pool ? .callingThread : .threadPool
        self.times = [:]
    }

    private func median(_ placement: RunPlacement) -> Duration? {
        guard let times = self.times[placement], times.count >= Self.sampleSize else { return nil }
        return times.sorted()[times.count / 2]
    }
}
