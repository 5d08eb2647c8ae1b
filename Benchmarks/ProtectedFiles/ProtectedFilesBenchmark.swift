// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import ProtectedFiles

/// The parts of `make bench-protected-files` that need the library itself: the cipher without any file, the work on files in a process
/// of their own (so that its memory can be measured), and random reads.
@main
struct ProtectedFilesBenchmark {
    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        let rest = Array(arguments.dropFirst())
        switch arguments.first {
        case "cipher": Self.cipher()
        case "key": try WrapKey.random().write(toFile: rest[0], replacing: true)
        case "seal":
            let sealer = ProtectedFileSealer(key: try WrapKey(contentsOfFile: rest[0]), replacing: true, jobs: Int(rest[3]))
            try Self.measure { _ = try sealer.seal(rest[1], to: rest[2], mountPath: "benchmark") }
        case "open":
            let opener = ProtectedFileOpener(key: try WrapKey(contentsOfFile: rest[0]), replacing: true, jobs: Int(rest[3]))
            try Self.measure { _ = try opener.open(rest[1], to: rest[2]) }
        case "verify":
            let opener = ProtectedFileOpener(key: try WrapKey(contentsOfFile: rest[0]), jobs: Int(rest[2]))
            try Self.measure { _ = try opener.verify(rest[1]) }
        case "random": try Self.randomReads(rest[1], key: try WrapKey(contentsOfFile: rest[0]))
        default: print("usage: cipher | key FILE | seal KEY IN OUT JOBS | open KEY IN OUT JOBS | verify KEY IN JOBS | random KEY SEALED")
        }
    }

    /// Prints how long the work took and the most memory the process ever had.
    private static func measure(_ body: () throws -> Void) throws {
        let start = ContinuousClock.now
        try body()
        let took = start.duration(to: .now)
        var usage = rusage()
        // Sound: the call fills the structure. The first argument is RUSAGE_SELF, of which C libraries disagree about the type.
        unsafe getrusage(.init(0), &usage)
        print("\(took / .milliseconds(1)) ms, \(usage.ru_maxrss / 1024) MiB")
    }

    /// MB/s of sealing and opening 4 KiB nodes with fresh keys on one core, medians of five rounds of 256 MiB each.
    private static func cipher() {
        let nodes = 96
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: nodes * 4096, alignment: 4096)
        let entries = UnsafeMutableRawBufferPointer.allocate(byteCount: nodes * 32, alignment: 64)
        // Sound: both are freed once, after their last use.
        defer {
            unsafe memory.deallocate()
            unsafe entries.deallocate()
        }
        unsafe memory.initializeMemory(as: UInt8.self, repeating: 7)
        let groups = 256 << 20 / (nodes * 4096)
        for cipher in NodeCipher.available {
            var sealing: [Double] = []
            var opening: [Double] = []
            for _ in 0..<5 {
                var (seal, open) = (Duration.zero, Duration.zero)
                for _ in 0..<max(1, groups) {
                    let start = ContinuousClock.now
                    unsafe cipher.randomize(entries)
                    unsafe cipher.sealNodes(memory, entries: entries)
                    let middle = ContinuousClock.now
                    let authentic = unsafe cipher.openNodes(memory, entries: UnsafeRawBufferPointer(entries))
                    precondition(authentic == nodes)
                    seal += start.duration(to: middle)
                    open += middle.duration(to: .now)
                }
                let megabytes = Double(max(1, groups) * nodes * 4096) / 1e6
                sealing.append(megabytes / (seal / .seconds(1)))
                opening.append(megabytes / (open / .seconds(1)))
            }
            print("\(cipher) \(Int(sealing.sorted()[2])) \(Int(opening.sorted()[2]))")
        }
    }

    /// Random 64 KiB reads through a reader: cold (each read by a new reader) and warm (the second time through one).
    private static func randomReads(_ path: String, key: WrapKey) throws {
        var generator = SystemRandomNumberGenerator()
        let size = try ProtectedFileReader(path: path, key: key).size
        let offsets = (0..<2000).map { _ in Int.random(in: 0..<max(1, size - 65_536), using: &generator) }
        let cold = try Self.time(offsets) { offset in _ = try ProtectedFileReader(path: path, key: key).read(at: offset, count: 65_536) }
        let reader = try ProtectedFileReader(path: path, key: key)
        _ = try Self.time(offsets) { offset in _ = try reader.read(at: offset, count: 65_536) }
        let warm = try Self.time(offsets) { offset in _ = try reader.read(at: offset, count: 65_536) }
        // What of it is the cipher: 17 nodes a read, at the speed of the cipher alone.
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 17 * 4096, alignment: 4096)
        let entries = UnsafeMutableRawBufferPointer.allocate(byteCount: 17 * 32, alignment: 64)
        // Sound: both are freed once, after their last use.
        defer {
            unsafe memory.deallocate()
            unsafe entries.deallocate()
        }
        unsafe memory.initializeMemory(as: UInt8.self, repeating: 7)
        unsafe NodeCipher.current.randomize(entries)
        var cipher = Duration.zero
        for _ in 0..<2000 {
            unsafe NodeCipher.current.sealNodes(memory, entries: entries)
            let start = ContinuousClock.now
            precondition(unsafe NodeCipher.current.openNodes(memory, entries: UnsafeRawBufferPointer(entries)) == 17)
            cipher += start.duration(to: .now)
        }
        let cipherMicroseconds = cipher / .microseconds(1) / 2000
        for (name, took) in [("cold", cold), ("warm", warm)] {
            print("\(name) \(Self.rounded(took)) us, AES \(Self.rounded(100 * cipherMicroseconds / took)) %")
        }
    }

    /// The median time of a step in microseconds.
    private static func time(_ offsets: [Int], _ body: (Int) throws -> Void) rethrows -> Double {
        let times = try offsets.map { offset in
            let start = ContinuousClock.now
            try body(offset)
            return start.duration(to: .now) / .microseconds(1)
        }
        return times.sorted()[offsets.count / 2]
    }

    private static func rounded(_ value: Double) -> String { String(format: "%.1f", value) }
}
