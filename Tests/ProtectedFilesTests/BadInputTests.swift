// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import ProtectedFiles

@Suite("Inputs that cannot be used")
struct BadInputTests {
    private static func makePipe(_ path: String) throws { try #require(unsafe mkfifo(path, 0o600) == 0) }

    /// What sealing `name` in a folder ends with.
    private static func seal(_ name: String, in scratch: ScratchFolder, followingLinks: Bool = false) -> (any DiagnosableError)? {
        do {
            _ = try ProtectedFileSealer(key: Samples.key, followingLinks: followingLinks).seal(
                scratch.file(name), to: scratch.file("out"), mountPath: "m")
            return nil
        } catch {
            return error as? any DiagnosableError
        }
    }

    @Test("a named pipe is refused at once, as input, in a folder, as sealed file and as key")
    func namedPipe() throws {
        let scratch = try ScratchFolder()
        try scratch.write([1], to: "in/file")
        try Self.makePipe(scratch.file("in/pipe"))
        let before = scratch.contents
        #expect(Self.seal("in/pipe", in: scratch)?.identifier == "not-a-regular-file")
        #expect(Self.seal("in", in: scratch)?.identifier == "not-a-regular-file")
        let read = #expect(throws: ProtectedFileError.self) { try ProtectedFileReader(path: scratch.file("in/pipe"), key: Samples.key) }
        #expect(read?.code == .notARegularFile)
        let key = #expect(throws: FileError.self) { try WrapKey(contentsOfFile: scratch.file("in/pipe")) }
        #expect(key?.identifier == "unreadable-file")
        #expect(scratch.contents == before)
    }

    @Test("an input's own symbolic link is followed, a link in a folder that leads nowhere is told, and a socket is refused")
    func links() throws {
        let scratch = try ScratchFolder()
        try scratch.write([1, 2], to: "file")
        try FileManager.default.createSymbolicLink(atPath: scratch.file("link"), withDestinationPath: "file")
        #expect(Self.seal("link", in: scratch) == nil)
        #expect(try ProtectedFileReader(path: scratch.file("out"), key: Samples.key).read(at: 0, count: 9) == [1, 2])
        try scratch.write([1], to: "in/file")
        try FileManager.default.createSymbolicLink(atPath: scratch.file("in/nowhere"), withDestinationPath: "gone")
        #expect(Self.seal("in", in: scratch)?.identifier == "not-a-regular-file")
        let error = Self.seal("in", in: scratch, followingLinks: true)
        #expect(error?.identifier == "unreadable-file")
        #expect(error?.message.contains("in/nowhere") == true)
    }

    @Test(
        "each failure of the system names the path and tells what to do",
        arguments: [
            ("absent", ENOENT), ("file/below", ENOTDIR), (String(repeating: "n", count: 300), ENAMETOOLONG), ("circle", ELOOP),
        ])
    func systemFailure(name: String, number: Int32) throws {
        let scratch = try ScratchFolder()
        try scratch.write([1], to: "file")
        try FileManager.default.createSymbolicLink(atPath: scratch.file("circle"), withDestinationPath: "circle")
        let error = try #require(Self.seal(name, in: scratch) as? FileError)
        #expect(error.systemError == number)
        #expect(error.message.contains(name))
        #expect(error.remedy?.isEmpty == false)
        #expect(error.exitStatus == .noInput)
    }

    @Test("a path below a folder that is too long to be embedded is refused before anything is written")
    func longPath() throws {
        let scratch = try ScratchFolder()
        let folder = Array(repeating: String(repeating: "f", count: 190), count: 4).joined(separator: "/")
        try scratch.write([1], to: "in/\(folder)/short")
        let before = scratch.contents
        #expect(Self.seal("in", in: scratch) == nil)
        try FileManager.default.removeItem(atPath: scratch.file("out"))
        try scratch.write([1], to: "in/\(folder)/\(String(repeating: "l", count: 10))")
        #expect(Self.seal("in", in: scratch)?.identifier == "path-too-long")
        #expect(scratch.contents.count == before.count + 1)
    }

    /// What another program may do to a file that is being sealed.
    enum Change: CaseIterable {
        case appending, cuttingOff, overwriting

        func apply(to path: String) throws {
            let handle = try #require(FileHandle(forUpdatingAtPath: path))
            switch self {
            case .appending:
                try handle.seekToEnd()
                try handle.write(contentsOf: Data([1]))
            case .cuttingOff: try handle.truncate(atOffset: 899_999)
            case .overwriting: try handle.write(contentsOf: Data([1]))
            }
            try handle.close()
        }
    }

    @Test("a file that is written to while it is sealed is refused", arguments: Change.allCases)
    func changing(change: Change) throws {
        let scratch = try ScratchFolder()
        let path = try scratch.write(Samples.plaintext(900_000), to: "in")
        // So that the change is seen by the clock of any file system.
        try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSince1970: 1_000_000_000)], ofItemAtPath: path)
        let sealing = FileSealing(
            key: Samples.key, path: try EmbeddedPath(normalizing: "s"), version: .version1, source: RandomAccessSource(try PlainFile(path: path)),
            sink: HookedSink { try change.apply(to: path) })
        let error = #expect(throws: ProtectedFileError.self) { try sealing.run(jobs: 1, buffer: NodeBuffer(nodes: FileSealing.bufferNodes)) }
        #expect(error?.code == .inputChanged)
        #expect(error?.message.contains(path) == true)
    }

    @Test("a disk that is full ends the work of all threads with the system's error", arguments: [1, 2, 5])
    func diskFull(jobs: Int) throws {
        let path = "volume/out"
        let sealing = FileSealing(
            key: Samples.key, path: try EmbeddedPath(normalizing: "s"), version: .version1, source: RandomAccessSource(Samples.plaintext(5_000_000)),
            sink: HookedSink { throw FileError(.write, path: path, systemError: ENOSPC) })
        let error = #expect(throws: FileError.self) { try sealing.run(jobs: jobs, buffer: NodeBuffer(nodes: FileSealing.bufferNodes)) }
        #expect(error?.systemError == ENOSPC)
        #expect(error?.remedy?.contains("free some space") == true)
        #expect(error?.exitStatus == .inputOutput)
    }
}

/// A file in memory that does something once, when it is first written to.
private final class HookedSink: NodeSink {
    private let inner = MemoryNodeSink()
    private let hook: @Sendable () throws -> Void
    private let isDone = Atomic(false)

    init(_ hook: @escaping @Sendable () throws -> Void) { self.hook = hook }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws {
        if !self.isDone.exchange(true, ordering: .relaxed) { try self.hook() }
        unsafe self.inner.write(bytes, at: offset)
    }

    func read(at offset: Int, count: Int) -> [UInt8] { self.inner.read(at: offset, count: count) }
}
