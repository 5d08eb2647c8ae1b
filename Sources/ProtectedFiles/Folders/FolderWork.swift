// SPDX-License-Identifier: Apache-2.0

internal import ByteCoding
internal import CFileSystem
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Does something to each file of a folder: large files one after the other with all threads on each, small ones side by side.
struct FolderWork: Sendable {
    /// From here on a file has work for several threads.
    static let largeFile = 32 * NodeGeometry.groupSize

    let files: [FileTree.File]
    let jobs: Int
    let progress: ProtectedFileProgress

    /// Runs `body` for each file.
    ///
    /// - Parameter body: gets the file, how many threads it may use, and a buffer of ``FileSealing/bufferNodes`` nodes.
    /// - Returns: its results in the order of the files.
    /// - Throws: the first error that it threw, or `CancellationError`.
    func map<Result: Sendable>(
        _ body: @escaping @Sendable (_ file: FileTree.File, _ jobs: Int, _ buffer: NodeBuffer) throws -> Result
    ) throws -> [Result] {
        let results = Results<Result>(count: self.files.count)
        let finish = { @Sendable (index: Int, jobs: Int, buffer: NodeBuffer) in
            try self.progress.checkCancelled()
            let result = try body(self.files[index], jobs, buffer)
            results.set(result, at: index)
            self.progress.finishFile()
        }
        try self.forLarge(finish)
        try self.forSmall(finish)
        return results.all
    }

    private func forLarge(_ body: (Int, Int, NodeBuffer) throws -> Void) throws {
        let buffer = NodeBuffer(nodes: FileSealing.bufferNodes)
        for index in self.files.indices where self.files[index].size >= Self.largeFile { try body(index, self.jobs, buffer) }
    }

    private func forSmall(_ body: @escaping @Sendable (Int, Int, NodeBuffer) throws -> Void) throws {
        let small = self.files.indices.filter { self.files[$0].size < Self.largeFile }
        let queue = WorkQueue(count: small.count)
        let state = WorkState()
        try WorkerThreads.run(min(self.jobs, small.count), state) {
            let buffer = NodeBuffer(nodes: FileSealing.bufferNodes)
            while !state.isStopped, let place = queue.next() { try body(small[place], 1, buffer) }
        }
    }
}

/// The results of several workers, each in its place.
private final class Results<Result: Sendable>: Sendable {
    private let results: Mutex<[Result?]>

    init(count: Int) { self.results = Mutex(Array(repeating: nil, count: count)) }

    var all: [Result] { self.results.withLock { $0.compactMap { $0 } } }

    func set(_ result: Result, at index: Int) { self.results.withLock { $0[index] = result } }
}

/// Hands out numbers from zero on, each to one worker.
final class WorkQueue: Sendable {
    private let count: Int
    private let following = Atomic(0)

    init(count: Int) { self.count = count }

    func next() -> Int? {
        let number = self.following.wrappingAdd(1, ordering: .relaxed).oldValue
        return number < self.count ? number : nil
    }
}

/// Makes everything in a folder durable, before the folder gets its name.
///
/// One call for the file system instead of one for each file: it returns when all of them, names and contents, are on the disk, so
/// a crash can no more leave a named folder with files cut off than if each had been synchronised by itself. Where no such
/// call exists, each file was synchronised when it was finished.
func synchronizeFolder(_ path: String) throws {
    #if os(Linux)
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(.write, path: path) }
        defer { close(descriptor) }
        guard sealwright_syncfs(descriptor) == 0 else { throw FileError(.write, path: path) }
    #endif
}
