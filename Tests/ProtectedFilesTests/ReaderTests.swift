// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Foundation
import ProtectedFiles
import TestSupport
import Testing

@Suite("ProtectedFileReader")
struct ReaderTests {
    private static let plaintext = Samples.plaintext(830_001)
    private static let sealed = (try? ProtectedFileSealer(key: Samples.key).seal(plaintext, mountPath: "sample")) ?? []

    private static func reader(_ bytes: [UInt8] = sealed, expectedPath: String? = nil) throws -> ProtectedFileReader {
        try ProtectedFileReader(bytes: bytes, name: "sample", key: Samples.key, expectedPath: expectedPath)
    }

    @Test(
        "any range gives the bytes that lie there, and no more than there are",
        arguments: [
            (0, 1), (0, 3072), (3071, 2), (3072, 4096), (3000, 20_000), (3073, 4096), (7167, 1), (396_287, 2), (396_288, 4096),
            (390_000, 400_000), (789_503, 2), (829_999, 100), (830_000, 1), (0, 830_001), (830_001, 5), (900_000, 1), (5, 0), (Int.max, 9),
        ])
    func ranges(offset: Int, count: Int) throws {
        let reader = try Self.reader()
        let start = min(offset, Self.plaintext.count)
        let expected = Self.plaintext[start..<min(Self.plaintext.count, start + count)]
        for _ in 0..<2 { #expect(try reader.read(at: offset, count: count) == Array(expected)) }
    }

    @Test("many threads read many ranges at once, with caches far too small")
    func concurrency() async throws {
        let storage = CountingStorage(bytes: Self.sealed)
        let reader = try ProtectedFileReader(
            storage: storage, name: "sample", key: Samples.key, limits: ProtectedFileReader.CacheLimits(treeNodes: 1, dataNodes: 2))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for step in 0..<40 {
                        let offset = (task * 104_729 + step * 27_644_437) % 830_001
                        let count = [1, 17, 5000, 12_288][step % 4]
                        let expected = Array(Self.plaintext[offset..<min(830_001, offset + count)])
                        let found = try reader.read(at: offset, count: count)
                        #expect(found == expected)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("small reads in one place read their node and its tree nodes once")
    func cache() throws {
        let storage = CountingStorage(bytes: Self.sealed)
        let reader = try ProtectedFileReader(storage: storage, name: "sample", key: Samples.key)
        let before = storage.reads
        for offset in 800_000..<800_100 { _ = try reader.read(at: offset, count: 1) }
        #expect(storage.reads - before == 2)
    }

    @Test("without caches everything is still right", arguments: [0, 1])
    func noCache(size: Int) throws {
        let limits = ProtectedFileReader.CacheLimits(treeNodes: size, dataNodes: size)
        let reader = try ProtectedFileReader(storage: CountingStorage(bytes: Self.sealed), name: "sample", key: Samples.key, limits: limits)
        for offset in stride(from: 0, to: 830_001, by: 9973) { #expect(try reader.read(at: offset, count: 1) == [Self.plaintext[offset]]) }
    }

    @Test("another key is refused as the metadata's failure, and the remedy names the key")
    func wrongKey() {
        let error = #expect(throws: ProtectedFileError.self) {
            try ProtectedFileReader(bytes: Self.sealed, name: "sample", key: Samples.otherKey)
        }
        #expect(error?.code == .metadataAuthentication)
        #expect(error?.remedy?.contains("wrap key") == true)
    }

    @Test("a file cut off between nodes is refused as truncated", arguments: [0, 1, 2, 3, 97, 98, 99, 100, 194, 195, 203, 205])
    func truncatedAtNode(nodes: Int) {
        let error = #expect(throws: ProtectedFileError.self) { try Self.reader(Array(Self.sealed.prefix(nodes * 4096))) }
        #expect(error?.code == .truncated)
    }

    @Test("a file cut off within a node is refused for its size", arguments: [1, 2047, 4095, 4097, 8191, 12_289, 830_000])
    func truncatedWithinNode(count: Int) {
        let error = #expect(throws: ProtectedFileError.self) { try Self.reader(Array(Self.sealed.prefix(count))) }
        #expect(error?.code == .badSize)
    }

    @Test("a small file is refused at every length but its own")
    func truncatedAnywhere() throws {
        let plaintext = Samples.plaintext(12_000)
        let sealed = try ProtectedFileSealer(key: Samples.key).seal(plaintext, mountPath: "s")
        for count in 0..<sealed.count {
            let expected: ProtectedFileError.Code = count % 4096 == 0 ? .truncated : .badSize
            #expect { try Self.reader(Array(sealed.prefix(count))) } throws: { ($0 as? ProtectedFileError)?.code == expected }
        }
        #expect(try Self.reader(sealed).read(at: 0, count: .max) == plaintext)
        #expect(try Self.reader(sealed + [UInt8](repeating: 0, count: 4096)).read(at: 0, count: .max) == plaintext)
    }

    @Test("a file that grows shorter while it is open is refused where it ends")
    func truncatedLater() throws {
        let scratch = try ScratchFolder()
        let path = try scratch.write(Self.sealed, to: "sample")
        let reader = try ProtectedFileReader(path: path, key: Samples.key)
        try Self.truncate(path, to: 100 * 4096)
        #expect(try reader.read(at: 10_000, count: 4) == Array(Self.plaintext[10_000..<10_004]))
        let error = #expect(throws: ProtectedFileError.self) { try reader.read(at: 700_000, count: 1) }
        #expect(error?.code == .truncated)
    }

    private static func truncate(_ path: String, to count: Int) throws {
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.truncate(atOffset: UInt64(count))
        try handle.close()
    }

    @Test(
        "a flipped bit is refused by the node it lies in and not seen elsewhere",
        arguments: [(1, "mht-auth"), (2, "data-auth"), (50, "data-auth"), (98, "mht-auth"), (99, "data-auth"), (195, "mht-auth"), (205, "data-auth")])
    func flippedBit(node: Int, code: String) throws {
        for offset in [0, 1234, 4095] {
            var bytes = Self.sealed
            bytes[node * 4096 + offset] ^= 0x10
            let error = #expect(throws: ProtectedFileError.self) { try Self.reader(bytes).read(at: 0, count: .max) }
            #expect(error?.code.description == code)
            #expect(error?.message.contains("byte \(node * 4096)") == true)
        }
        var bytes = Self.sealed
        bytes[205 * 4096] ^= 1
        #expect(try Self.reader(bytes).read(at: 0, count: 800_000) == Array(Self.plaintext.prefix(800_000)))
    }

    @Test("every bit of a small file is authenticated, but those of minor version and padding")
    func everyByteOfSmallFile() throws {
        let plaintext = Samples.plaintext(40)
        let sealed = try ProtectedFileSealer(key: Samples.key).seal(plaintext, mountPath: "s")
        for offset in sealed.indices {
            var bytes = sealed
            bytes[offset] ^= UInt8(1 << (offset % 8))
            let result = Result { try Self.reader(bytes).read(at: 0, count: .max) }
            if offset == 9 || offset >= 3942 {
                #expect(try result.get() == plaintext)
            } else {
                let expected: ProtectedFileError.Code = offset < 8 ? .badMagic : offset == 8 ? .badVersion : .metadataAuthentication
                #expect { try result.get() } throws: { ($0 as? ProtectedFileError)?.code == expected }
            }
        }
    }

    @Test("the system's failure to find a file is told as such")
    func missingFile() throws {
        let scratch = try ScratchFolder()
        let error = #expect(throws: FileError.self) { try ProtectedFileReader(path: scratch.file("absent"), key: Samples.key) }
        #expect(error?.exitStatus == .noInput)
    }
}
