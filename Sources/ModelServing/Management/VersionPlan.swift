// SPDX-License-Identifier: Apache-2.0

/// What is to be done with the versions of one model, one action after another: a pure state machine.
///
/// A new version is loaded before an old one is unloaded, and while the new one cannot be loaded the old one keeps serving
/// (TensorFlow Serving's AvailabilityPreservingPolicy).
struct VersionPlan {
    /// How often a load is tried.
    struct Retries: Hashable {
        /// After the first failure.
        var count = 5
        /// Between two tries.
        var interval = Duration.seconds(60)
        /// The first wait for something outside, such as the key broker, which is waited for without end; doubled each time.
        var backOff = Duration.seconds(1)
        var longestBackOff = Duration.seconds(60)
    }

    /// What a version goes through.
    enum Phase: Hashable {
        /// To be loaded.
        case new
        case loading
        /// To be loaded again after a while.
        case waiting
        case ready
        case unloading
        /// Could not be loaded; tried again only when it is taken away and comes back.
        case failed
    }

    /// What is to be done next.
    enum Action: Hashable {
        case load(ServableFolder.Version)
        case unload(ServableFolder.Version)
    }

    /// What follows from a failed load.
    enum Outcome: Hashable {
        /// To be tried again after this time.
        case again(after: Duration)
        /// Given up.
        case failed
    }

    private struct Entry {
        var version: ServableFolder.Version
        var isAspired = true
        var phase = Phase.new
        var failures = 0
        var waits = 0
        /// Whether it is wanted again, although it is still being unloaded.
        var isWantedAgain = false
    }

    private let retries: Retries
    private var entries: [Int64: Entry] = [:]

    init(retries: Retries) { self.retries = retries }

    /// Sets which versions are wanted.
    ///
    /// - Returns: the versions that are new, and those that are not wanted any more and need nothing done to end.
    mutating func aspire(_ versions: [ServableFolder.Version]) -> (begun: [Int64], ended: [Int64]) {
        let wanted = Dictionary(versions.map { ($0.number, $0) }, uniquingKeysWith: { $1 })
        var begun: [Int64] = []
        var ended: [Int64] = []
        for (number, entry) in self.entries where wanted[number] == nil {
            self.entries[number]?.isAspired = false
            self.entries[number]?.isWantedAgain = false
            guard [.new, .waiting, .failed].contains(entry.phase) else { continue }
            self.entries[number] = nil
            // What has failed has ended already.
            if entry.phase != .failed { ended.append(number) }
        }
        for (number, version) in wanted {
            if self.entries[number] == nil {
                self.entries[number] = Entry(version: version)
                begun.append(number)
            } else if self.entries[number]?.phase == .unloading {
                self.entries[number]?.isWantedAgain = true
            } else {
                // A version that was not wanted for a moment is not loaded anew: it never went away.
                self.entries[number]?.isAspired = true
            }
        }
        return (begun.sorted(), ended.sorted())
    }

    /// The next action, which counts as begun from now on; `nil` when there is none.
    ///
    /// Loads begin only while `mayLoad` says so.
    mutating func next(mayLoad: Bool) -> Action? {
        let aspired = self.entries.values.filter(\.isAspired)
        let superfluous = self.entries.values.filter { !$0.isAspired && $0.phase == .ready }
        if aspired.isEmpty || aspired.contains(where: { $0.phase == .ready }) || superfluous.count > 1 {
            if let lowest = superfluous.min(by: { $0.version.number < $1.version.number }) {
                self.entries[lowest.version.number]?.phase = .unloading
                return .unload(lowest.version)
            }
        }
        guard mayLoad, let highest = aspired.filter({ $0.phase == .new }).max(by: { $0.version.number < $1.version.number }) else { return nil }
        self.entries[highest.version.number]?.phase = .loading
        return .load(highest.version)
    }

    /// A load has gone well.
    mutating func loaded(_ number: Int64) { self.entries[number]?.phase = .ready }

    /// A load has failed; `isWaiting` when the version itself may be sound and only something outside is missing.
    mutating func loadFailed(_ number: Int64, isWaiting: Bool) -> Outcome {
        guard var entry = self.entries[number] else { return .failed }
        guard entry.isAspired else {
            self.entries[number] = nil
            return .failed
        }
        defer { self.entries[number] = entry }
        if isWaiting {
            let wait = self.retries.backOff * (1 << min(entry.waits, 30))
            entry.waits += 1
            entry.phase = .waiting
            return .again(after: min(wait, self.retries.longestBackOff))
        }
        entry.failures += 1
        guard entry.failures <= self.retries.count else {
            entry.phase = .failed
            return .failed
        }
        entry.phase = .waiting
        return .again(after: max(.zero, self.retries.interval))
    }

    /// The time before another try is over.
    mutating func retry(_ number: Int64) {
        if self.entries[number]?.phase == .waiting { self.entries[number]?.phase = .new }
    }

    /// A version is unloaded.
    ///
    /// - Returns: whether it is wanted again and begins anew.
    mutating func unloaded(_ number: Int64) -> Bool {
        guard let entry = self.entries.removeValue(forKey: number) else { return false }
        if entry.isWantedAgain { self.entries[number] = Entry(version: entry.version) }
        return entry.isWantedAgain
    }

    /// The phase of a version.
    func phase(of number: Int64) -> Phase? { self.entries[number]?.phase }

    /// Whether nothing is left to be remembered.
    var isEmpty: Bool { self.entries.isEmpty }

    /// Whether the model has answered, or every version of it was given up: what the start of the server waits for.
    var isSettled: Bool {
        let aspired = self.entries.values.filter(\.isAspired)
        return aspired.contains { $0.phase == .ready } || (!aspired.isEmpty && aspired.allSatisfy { $0.phase == .failed })
    }
}
