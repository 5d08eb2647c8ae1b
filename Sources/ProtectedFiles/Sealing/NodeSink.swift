// SPDX-License-Identifier: Apache-2.0

internal import ByteCoding
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Where the bytes of a file go that is being made, in any order and from any worker.
protocol NodeSink: Sendable {
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws

    /// Reads back bytes that were written before.
    func read(at offset: Int, count: Int) throws -> [UInt8]
}

/// A file on disk that appears when it is complete.
final class FileNodeSink: NodeSink, @unchecked Sendable {
    // Proof for @unchecked Sendable: workers only borrow the file, whose methods are system calls on one descriptor; `commit()`,
    // which alone changes the property, is called by the owner after the last worker has ended.
    private var file: OutputFile?

    init(path: String, permissions: UInt32, replacing: Bool) throws {
        self.file = try OutputFile(path: path, permissions: permissions, replacing: replacing)
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws {
        try unsafe bytes.withSpan { try self.file?.write($0, at: offset) }
    }

    func read(at offset: Int, count: Int) throws -> [UInt8] { try self.file?.read(at: offset, count: count) ?? [] }

    func commit() throws {
        if let file = self.file.take() { try file.commit() }
    }
}

/// A file in a folder that nobody sees yet, so that it needs no name of its own, nor its own way to the disk.
final class MemberNodeSink: NodeSink {
    private let descriptor: Int32
    private let path: String

    init(path: String, permissions: UInt32) throws {
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, permissions)
        guard descriptor >= 0 else { throw FileError(.create, path: path) }
        self.descriptor = descriptor
        self.path = path
    }

    deinit { close(self.descriptor) }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws {
        guard let start = bytes.baseAddress else { return }
        var done = 0
        while done < bytes.count {
            // Sound: `done` stays below the buffer's count.
            let written = unsafe pwrite(self.descriptor, start + done, bytes.count - done, off_t(offset + done))
            guard written >= 0 || errno == EINTR else { throw FileError(.write, path: self.path) }
            done += max(0, written)
        }
    }

    func read(at offset: Int, count: Int) throws -> [UInt8] {
        try unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initializedCount in
            // Sound: no more than `count` bytes are stored, and exactly as many are declared initialized as were.
            guard let start = buffer.baseAddress else { return }
            while initializedCount < count {
                let got = unsafe pread(self.descriptor, start + initializedCount, count - initializedCount, off_t(offset + initializedCount))
                guard got >= 0 || errno == EINTR else { throw FileError(.read, path: self.path) }
                if got == 0 { return }
                initializedCount += max(0, got)
            }
        }
    }

    /// Makes the file durable where there is no system call that does so for a whole folder at once.
    func finish() throws {
        #if !os(Linux)
            guard fsync(self.descriptor) == 0 else { throw FileError(.write, path: self.path) }
        #endif
    }
}

/// A file in memory.
final class MemoryNodeSink: NodeSink {
    private let content = Mutex<[UInt8]>([])

    var bytes: [UInt8] { self.content.withLock { $0 } }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        self.content.withLock { content in
            let end = offset + bytes.count
            if content.count < end { content.append(contentsOf: repeatElement(0, count: end - content.count)) }
            // Sound: the range was made to exist just before, and the source is another memory.
            unsafe content.withUnsafeMutableBytes { unsafe UnsafeMutableRawBufferPointer(rebasing: $0[offset..<end]).copyMemory(from: bytes) }
        }
    }

    func read(at offset: Int, count: Int) -> [UInt8] { self.content.withLock { Array($0[offset..<min($0.count, offset + count)]) } }
}
