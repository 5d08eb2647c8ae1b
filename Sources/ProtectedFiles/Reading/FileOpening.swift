// SPDX-License-Identifier: Apache-2.0

internal import ByteCoding

/// Reads all of one sealed file, group by group and by several workers, and writes it to a sink, if there is one.
final class FileOpening: Sendable {
    private let reader: ProtectedFileReader
    private let sink: (any NodeSink)?
    private let progress: ProtectedFileProgress

    init(reader: ProtectedFileReader, sink: (any NodeSink)?, progress: ProtectedFileProgress) {
        self.reader = reader
        self.sink = sink
        self.progress = progress
    }

    /// Does the work; `buffer` has ``FileSealing/bufferNodes`` nodes.
    func run(jobs: Int, buffer: NodeBuffer) throws {
        let firstPiece = NodeGeometry.inlineSize + NodeGeometry.groupSize
        try self.open(at: 0, count: min(firstPiece, self.reader.size), buffer)
        let groups = (max(0, self.reader.size - firstPiece) + NodeGeometry.groupSize - 1) / NodeGeometry.groupSize
        guard groups > 0 else { return }
        let queue = WorkQueue(count: groups)
        let state = WorkState()
        try WorkerThreads.run(min(jobs, groups), state) {
            let buffer = NodeBuffer(nodes: NodeGeometry.dataNodesPerGroup)
            while !state.isStopped, let group = queue.next() {
                let offset = firstPiece + group * NodeGeometry.groupSize
                try self.open(at: offset, count: min(NodeGeometry.groupSize, self.reader.size - offset), buffer)
            }
        }
    }

    private func open(at offset: Int, count: Int, _ buffer: NodeBuffer) throws {
        try self.progress.checkCancelled()
        let place = unsafe buffer.slice(0..<count)
        // Sound: the buffer outlives the calls. Nothing in it is used when the read throws.
        let got = try unsafe self.reader.read(at: offset, into: place)
        precondition(got == count, "a reader gave less than its size")
        try unsafe self.sink?.write(UnsafeRawBufferPointer(place), at: offset)
        self.progress.add(count)
    }
}
