// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ModelServing

@Suite("Memory that requests leave behind")
struct FreeMemoryTests {
    @Test("is given back after each interval with work, and once more")
    func afterWork() {
        var watch = FreeMemory(processorTime: .zero)
        let uses: [(milliseconds: Int, isDue: Bool)] = [
            (4000, true), (5000, true), (99, true), (50, false), (0, false), (300, true), (99, true), (99, false), (100, true), (0, true), (0, false),
        ]
        var time = Duration.zero
        for (index, use) in uses.enumerated() {
            time += .milliseconds(use.milliseconds)
            let isDue = watch.isDue(processorTime: time)
            #expect(isDue == use.isDue, "interval \(index)")
        }
    }
}
