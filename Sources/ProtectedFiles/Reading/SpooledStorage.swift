// SPDX-License-Identifier: Apache-2.0

internal import ByteCoding

/// A sealed file that came through a pipe, kept in a file without a name: reading the format needs any place at any time.
///
/// Only ciphertext is kept, so this gives nothing away, and the system removes it when the process ends.
final class SpooledStorage: NodeStorage, @unchecked Sendable {
    // Proof for @unchecked Sendable: nothing changes after the initializer, and reading is a system call on one descriptor.
    private let file: OutputFile
    let count: Int

    /// Reads a stream to its end.
    ///
    /// - Parameters:
    ///   - source: the stream.
    ///   - folder: where there is room for the file.
    ///   - progress: for cancellation.
    /// - Throws: the system's failure, or `CancellationError`.
    init(_ source: StreamSource, in folder: String, progress: ProtectedFileProgress) throws {
        let file = try OutputFile(path: "\(folder)/.sealwright-spool-\(UInt64.random(in: 0...UInt64.max))", permissions: 0o600, replacing: false)
        let buffer = NodeBuffer(nodes: NodeGeometry.dataNodesPerGroup)
        var count = 0
        while let next = try unsafe source.nextGroup(into: buffer.slice(0..<NodeGeometry.groupSize)) {
            try unsafe UnsafeRawBufferPointer(buffer.slice(0..<next.count)).withSpan { try file.write($0, at: count) }
            count += next.count
        }
        self.file = file
        self.count = count
    }

    func read(at offset: Int, count: Int) throws -> [UInt8] { try self.file.read(at: offset, count: count) }
}
