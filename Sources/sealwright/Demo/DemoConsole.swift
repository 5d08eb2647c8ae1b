// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// Tells the demo's story: numbered steps with their times, the commands behind them, and what came out.
final class DemoConsole: Sendable {
    private let stepNumber = Mutex(0)

    /// Runs one step and prints its title, its time and whether it went as told.
    func step<Result>(_ title: String, _ body: () async throws -> Result) async throws -> Result {
        self.heading(title)
        let clock = ContinuousClock()
        let start = clock.now
        do {
            let result = try await body()
            self.note("done in \(self.seconds(clock.now - start))")
            return result
        } catch {
            self.note("FAILED after \(self.seconds(clock.now - start))")
            throw error
        }
    }

    /// Prints a step's number and title.
    func heading(_ title: String) {
        let number = self.stepNumber.withLock { number in
            number += 1
            return number
        }
        self.write("\n\(String(number).padding(toLength: 3, withPad: " ", startingAt: 0)) \(title)")
    }

    /// Prints a command line that the demo runs, as the user could type it.
    func command(_ arguments: [String]) {
        self.write("      $ " + arguments.map(self.quoted).joined(separator: " "))
    }

    /// Prints a line of explanation.
    func note(_ text: String) {
        for line in text.split(separator: "\n") { self.write("      \(line)") }
    }

    /// Writes a line at once, where `print` would keep it back when the output is a pipe.
    func write(_ line: String) {
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }

    /// A duration for people.
    func seconds(_ duration: Duration) -> String {
        duration.formatted(.units(allowed: [.seconds], width: .narrow, fractionalPart: .show(length: 2)))
    }

    private func quoted(_ argument: String) -> String {
        let isPlain = argument.allSatisfy { $0.isLetter || $0.isNumber || "-_./:=@,".contains($0) }
        return isPlain && !argument.isEmpty ? argument : "'" + argument.replacingOccurrences(of: "'", with: #"'\''"#) + "'"
    }
}
