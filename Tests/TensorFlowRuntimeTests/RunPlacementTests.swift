// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import TensorFlowRuntime

/// Runs that are given times instead of being run.
private func decision(threadPool: Duration, callingThread: Duration, outlier: Duration? = nil) -> (RunPlacement?, runs: Int) {
    var trial = RunPlacementTrial()
    var runs = 0
    while trial.decision == nil, runs < 1000 {
        let placement = trial.next()
        let time = placement == .threadPool ? threadPool : callingThread
        // Every seventh run is disturbed, whatever it is; the first ones set things up.
        trial.finished(placement, after: runs < 4 || runs.isMultiple(of: 7) ? outlier ?? time : time)
        runs += 1
    }
    return (trial.decision, runs)
}

@Suite("Where a session's operations are executed")
struct RunPlacementTests {
    @Test(
        "the faster placement is kept, and a tie goes to the one with less work",
        arguments: [
            (Duration.microseconds(120), Duration.microseconds(60), RunPlacement.callingThread),
            (.milliseconds(40), .milliseconds(60), .threadPool), (.milliseconds(40), .milliseconds(40), .callingThread),
            (.milliseconds(100), .milliseconds(101), .threadPool), (.milliseconds(101), .milliseconds(100), .callingThread),
        ])
    func fasterIsKept(threadPool: Duration, callingThread: Duration, expected: RunPlacement) {
        #expect(decision(threadPool: threadPool, callingThread: callingThread).0 == expected)
    }

    @Test("single slow runs do not decide")
    func outliers() {
        let (found, _) = decision(threadPool: .microseconds(100), callingThread: .microseconds(50), outlier: .seconds(2))
        #expect(found == .callingThread)
    }

    @Test("the first runs are on TensorFlow's threads, as a run without a trial is")
    func firstRuns() {
        var trial = RunPlacementTrial()
        #expect((0..<8).allSatisfy { _ in trial.next() == .threadPool })
    }

    @Test("a decision is taken soon, and stays")
    func decisionStays() {
        let (_, runs) = decision(threadPool: .microseconds(100), callingThread: .microseconds(50))
        #expect(runs < 100)
        var trial = RunPlacementTrial()
        while trial.decision == nil { trial.finished(trial.next(), after: .microseconds(100)) }
        for _ in 0..<100 { trial.finished(trial.next(), after: .seconds(1)) }
        #expect(trial.decision == .callingThread)
    }
}
