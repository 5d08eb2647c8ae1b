// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import ProtectedFiles
import TestSupport
import Testing

@Suite("Random files and ranges")
struct PropertyTests {
    /// A small generator whose numbers a seed decides, so that a failure can be had again.
    private struct Seeded: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            self.state &+= 0x9e37_79b9_7f4a_7c15
            var value = self.state
            value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
            value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
            return value ^ (value >> 31)
        }
    }

    @Test(
        "any range of a file of any size is what was sealed, and any flipped bit behind the first node is refused",
        arguments: 1...12 as ClosedRange<UInt64>)
    func ranges(seed: UInt64) throws {
        var generator = Seeded(state: seed)
        let plaintext = Samples.plaintext(Int.random(in: 0...900_000, using: &generator))
        var sealed = try ProtectedFileSealer(key: Samples.key).seal(plaintext, mountPath: "p")
        let reader = try ProtectedFileReader(bytes: sealed, name: "p", key: Samples.key)
        for _ in 0..<20 {
            let offset = Int.random(in: 0...plaintext.count, using: &generator)
            let count = Int.random(in: 0...50_000, using: &generator)
            #expect(try reader.read(at: offset, count: count) == Array(plaintext[offset..<min(plaintext.count, offset + count)]))
        }
        guard sealed.count > 4096 else { return }
        let place = Int.random(in: 4096..<sealed.count, using: &generator)
        sealed[place] ^= UInt8(1 << Int.random(in: 0..<8, using: &generator))
        let error = #expect(throws: ProtectedFileError.self) {
            try ProtectedFileReader(bytes: sealed, name: "p", key: Samples.key).read(at: 0, count: .max)
        }
        #expect(error?.code == ((place / 4096 - 1) % 97 == 0 ? .treeAuthentication : .dataAuthentication))
    }

    @Test(
        "files of random sizes are sealed, and read in random ranges by several threads at once, as if there were one",
        arguments: 1...6 as ClosedRange<UInt64>)
    func interleavings(seed: UInt64) async throws {
        var generator = Seeded(state: seed)
        let scratch = try ScratchFolder()
        let plaintext = Samples.plaintext(Int.random(in: 1...1_500_000, using: &generator))
        let input = try scratch.write(plaintext, to: "in")
        let (jobs, trees, data) = (
            Int.random(in: 1...6, using: &generator), Int.random(in: 0...3, using: &generator), Int.random(in: 0...5, using: &generator)
        )
        // Several sealings at once, each with its own threads.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for copy in 0..<3 {
                group.addTask {
                    _ = try ProtectedFileSealer(key: Samples.key, jobs: jobs).seal(input, to: scratch.file("out-\(copy)"), mountPath: "p")
                }
            }
            try await group.waitForAll()
        }
        let storage = CountingStorage(bytes: try InputFile.readAll(scratch.file("out-\(seed % 3)")))
        let reader = try ProtectedFileReader(
            storage: storage, name: "p", key: Samples.key, limits: ProtectedFileReader.CacheLimits(treeNodes: trees, dataNodes: data))
        let seeds = (0..<4).map { _ in generator.next() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for seed in seeds {
                group.addTask {
                    var generator = Seeded(state: seed)
                    for _ in 0..<50 {
                        let offset = Int.random(in: 0..<plaintext.count, using: &generator)
                        let count = Int.random(in: 0...(Bool.random(using: &generator) ? 100 : 60_000), using: &generator)
                        let found = try reader.read(at: offset, count: count)
                        #expect(found == Array(plaintext[offset..<min(plaintext.count, offset + count)]))
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
