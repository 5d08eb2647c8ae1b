// SPDX-License-Identifier: Apache-2.0

import Foundation
import ProtectedFiles
import TestSupport
import Testing

@Suite("Cancellation")
struct CancellationTests {
    private static let cancelled: ProtectedFileProgress = {
        let progress = ProtectedFileProgress()
        progress.cancel()
        return progress
    }()

    /// Each kind of work on `plain` or `sealed` in a folder, which are files or folders.
    enum Work: CaseIterable {
        case seal, open, verify, rewrap, deepRewrap

        func run(in scratch: ScratchFolder, _ progress: ProtectedFileProgress) throws {
            let (plain, sealed, output) = (scratch.file("plain"), scratch.file("sealed"), scratch.file("output"))
            switch self {
            case .seal: _ = try ProtectedFileSealer(key: Samples.key).seal(plain, to: output, mountPath: "m", progress: progress)
            case .open: _ = try ProtectedFileOpener(key: Samples.key).open(sealed, to: output, progress: progress)
            case .verify: _ = try ProtectedFileOpener(key: Samples.key).verify(sealed, progress: progress)
            case .rewrap, .deepRewrap:
                let rewrapper = ProtectedFileRewrapper(from: Samples.key, to: Samples.otherKey, isDeep: self == .deepRewrap)
                _ = try rewrapper.rewrap(sealed, to: output, progress: progress)
            }
        }
    }

    @Test("work that is cancelled ends as such and leaves nothing behind", arguments: Work.allCases, [false, true])
    func cancelled(work: Work, isFolder: Bool) throws {
        let scratch = try ScratchFolder()
        try scratch.write(Samples.plaintext(900_000), to: isFolder ? "plain/a/b" : "plain")
        _ = try ProtectedFileSealer(key: Samples.key).seal(scratch.file("plain"), to: scratch.file("sealed"), mountPath: "m")
        let before = scratch.contents
        #expect(throws: CancellationError.self) { try work.run(in: scratch, Self.cancelled) }
        #expect(scratch.contents == before)
    }

    @Test("a stream that gives nothing more does not keep a cancelled work waiting", arguments: [0, 10, 500_000])
    func stream(bytesBefore: Int) async throws {
        let scratch = try ScratchFolder()
        let pipe = Pipe()
        let progress = ProtectedFileProgress()
        // As the user's Ctrl-C: somewhere in the middle, the pipe still open.
        let writer = Thread {
            pipe.fileHandleForWriting.write(Data(Samples.plaintext(bytesBefore)))
            progress.cancel()
        }
        writer.start()
        #expect(throws: CancellationError.self) {
            try ProtectedFileSealer(key: Samples.key, jobs: 3).seal(
                descriptor: pipe.fileHandleForReading.fileDescriptor, to: scratch.file("out"), mountPath: "m", progress: progress)
        }
        #expect(scratch.contents == [])
    }

    @Test("progress counts to the whole and tells of every file")
    func counts() throws {
        let scratch = try ScratchFolder()
        for (name, size) in [("a", 10), ("b", 5000), ("c", 900_000)] { try scratch.write(Samples.plaintext(size), to: "in/\(name)") }
        let progress = ProtectedFileProgress()
        #expect(progress.bytesTotal == nil)
        _ = try ProtectedFileSealer(key: Samples.key).seal(scratch.file("in"), to: scratch.file("out"), mountPath: "m", progress: progress)
        #expect(progress.bytesDone == 905_010)
        #expect(progress.bytesTotal == 905_010)
        #expect(progress.filesDone == 3)
    }
}
