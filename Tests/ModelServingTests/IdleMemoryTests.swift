// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ModelServing

@Suite("Memory that requests leave behind")
struct IdleMemoryTests {
    @Test("is given back once, in the first interval without work after one with")
    func once() {
        var watch = IdleMemory(processorTime: .zero)
        let uses: [(milliseconds: Int, isDue: Bool)] = [
            (9000, false), (5000, false), (100, true), (50, false), (0, false), (300, false), (199, true), (200, false), (0, true),
        ]
        var time = Duration.zero
        for (index, use) in uses.enumerated() {
            time += .milliseconds(use.milliseconds)
            let isDue = watch.isDue(processorTime: time)
            #expect(isDue == use.isDue, "interval \(index)")
        }
    }
}
