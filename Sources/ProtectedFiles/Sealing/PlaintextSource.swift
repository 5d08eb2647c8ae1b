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

/// Where the plaintext of a file comes from: the inline part first, then group after group, from any worker.
protocol PlaintextSource: Sendable {
    /// Fills the buffer with the first bytes; fewer only when there are no more.
    func readInline(into buffer: UnsafeMutableRawBufferPointer) throws -> Int

    /// Fills the buffer, of the size of a group, with the next one that no worker has.
    ///
    /// - Returns: the group's number and its bytes, fewer than a group only for the last; `nil` when there are no more.
    func nextGroup(into buffer: UnsafeMutableRawBufferPointer) throws -> (group: Int, count: Int)?

    /// Throws when what was read is not one whole.
    func finish() throws
}

/// Hands out the groups of something of a known size, which workers then read side by side.
@safe
final class RandomAccessSource: PlaintextSource {
    private let size: Int
    private let groups: Int
    private let next = Atomic(0)
    private let read: @Sendable (_ offset: Int, _ buffer: UnsafeMutableRawBufferPointer) throws -> Void
    private let check: @Sendable () throws -> Void

    private init(
        size: Int, read: @escaping @Sendable (_ offset: Int, _ buffer: UnsafeMutableRawBufferPointer) throws -> Void,
        check: @escaping @Sendable () throws -> Void
    ) {
        self.size = size
        self.groups = (max(0, size - NodeGeometry.inlineSize) + NodeGeometry.groupSize - 1) / NodeGeometry.groupSize
        unsafe self.read = read
        self.check = check
    }

    /// A file, which must not change meanwhile.
    convenience init(_ file: PlainFile) {
        unsafe self.init(
            size: file.count,
            read: { offset, buffer in
                let got = try unsafe file.read(at: offset, into: buffer)
                guard got == buffer.count else { throw file.changed(offset + got) }
            }, check: { try file.requireUnchanged() })
    }

    /// Bytes in memory.
    convenience init(_ bytes: [UInt8]) {
        unsafe self.init(
            size: bytes.count,
            read: { offset, buffer in
                // Sound: the source asks for no byte behind `size`, and slicing is bounds-checked.
                unsafe bytes.withUnsafeBytes { unsafe buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[offset..<offset + buffer.count])) }
            }, check: {})
    }

    /// What a sealed file holds.
    convenience init(_ reader: ProtectedFileReader) {
        unsafe self.init(size: reader.size, read: { offset, buffer in _ = try unsafe reader.read(at: offset, into: buffer) }, check: {})
    }

    func readInline(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let count = min(buffer.count, self.size)
        // Sound: slicing is bounds-checked, here and below.
        try unsafe self.read(0, UnsafeMutableRawBufferPointer(rebasing: buffer[..<count]))
        return count
    }

    func nextGroup(into buffer: UnsafeMutableRawBufferPointer) throws -> (group: Int, count: Int)? {
        let group = self.next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard group < self.groups else { return nil }
        let offset = NodeGeometry.inlineSize + group * NodeGeometry.groupSize
        let count = min(buffer.count, self.size - offset)
        try unsafe self.read(offset, UnsafeMutableRawBufferPointer(rebasing: buffer[..<count]))
        return (group, count)
    }

    func finish() throws { try self.check() }
}

/// Reads a pipe or another stream of unknown length to its end, one worker at a time.
final class StreamSource: PlaintextSource {
    private struct State: Sendable {
        var nextGroup = 0
        var hasEnded = false
    }

    /// How long a wait for the other end of a pipe lasts before cancellation is looked for.
    private static let patience: Int32 = 100  // Milliseconds.

    private let descriptor: Int32
    private let name: String
    private let progress: ProtectedFileProgress
    private let work: WorkState
    private let state = Mutex(State())

    /// Reads from a descriptor, which stays the caller's.
    init(descriptor: Int32, name: String, progress: ProtectedFileProgress, work: WorkState) {
        self.descriptor = descriptor
        self.name = name
        self.progress = progress
        self.work = work
    }

    func readInline(into buffer: UnsafeMutableRawBufferPointer) throws -> Int { try unsafe self.fill(buffer) }

    func nextGroup(into buffer: UnsafeMutableRawBufferPointer) throws -> (group: Int, count: Int)? {
        try self.state.withLock { state in
            guard !state.hasEnded else { return nil }
            let count = try unsafe self.fill(buffer)
            state.hasEnded = count < buffer.count
            guard count > 0 else { return nil }
            defer { state.nextGroup += 1 }
            return (state.nextGroup, count)
        }
    }

    func finish() {}

    private func fill(_ buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        guard let start = buffer.baseAddress else { return 0 }
        var done = 0
        while done < buffer.count {
            try self.awaitInput()
            // Sound: `done` stays below the buffer's count.
            let got = unsafe Self.readHere(self.descriptor, start + done, buffer.count - done)
            if got > 0 {
                done += got
            } else if got == 0 {
                break
            } else if errno != EINTR && errno != EAGAIN {
                throw FileError(.read, path: self.name)
            }
        }
        return done
    }

    private func awaitInput() throws {
        while true {
            try self.progress.checkCancelled()
            if self.work.isStopped { throw CancellationError() }
            var request = pollfd(fd: self.descriptor, events: Int16(POLLIN), revents: 0)
            // Anything but a time-out is for read(2) to tell.
            if unsafe poll(&request, 1, Self.patience) != 0 { return }
        }
    }

    private static func readHere(_ descriptor: Int32, _ pointer: UnsafeMutableRawPointer, _ count: Int) -> Int {
        #if canImport(Darwin)
            unsafe Darwin.read(descriptor, pointer, count)
        #elseif canImport(Musl)
            unsafe Musl.read(descriptor, pointer, count)
        #else
            unsafe Glibc.read(descriptor, pointer, count)
        #endif
    }
}
