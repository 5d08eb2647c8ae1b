// SPDX-License-Identifier: Apache-2.0

// What Swift's own runtime needs of the system: exact sleeping beside busy workers, for as many seconds as the argument says.
// libdispatch's monitor looks at its workers each second, which is when it finds their state missing.
import Dispatch
import Glibc

@main
struct BusySleeper {
    static func main() async throws {
        let seconds = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 5
        let end = ContinuousClock.now + .seconds(seconds)
        // Work on a global queue, as blocking file work is: libdispatch watches these workers. One processor is left for the sleeper, since the
        // same workers resume it.
        for _ in 0..<max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)) - 1) {
            DispatchQueue.global().async {
                var value: UInt64 = 1
                while ContinuousClock.now < end { for _ in 0..<100_000 { value = value &* 6_364_136_223_846_793_005 &+ 1 } }
                if value == 0 { print("") }
            }
        }
        var naps = 0
        var worst = Duration.zero
        while ContinuousClock.now < end {
            let start = ContinuousClock.now
            try await Task.sleep(for: .milliseconds(200))
            let slept = ContinuousClock.now - start
            precondition(slept >= .milliseconds(200), "woke early")
            worst = max(worst, slept - .milliseconds(200))
            naps += 1
        }
        print("\(naps) naps of 200 ms, the latest \(worst) late")
    }
}
