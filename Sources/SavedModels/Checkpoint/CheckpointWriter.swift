// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Dispatch
import Synchronization

/// Writes variables as TensorFlow's checkpoint (tensor bundle, format V2), byte for byte as TensorFlow does.
///
/// Two files: all tensors one after another, and a table of where each lies. Memory stays at one piece of a tensor for each processor, however
/// large they are.
struct CheckpointWriter {
    /// BundleHeaderProto: one data file, little-endian, version 1.
    private static let header: [UInt8] = [0x08, 0x01, 0x1a, 0x02, 0x08, 0x01]

    private let variables: [ExtractedVariable]
    /// The bytes of the graph that the variables were taken from.
    private let source: GraphBytes

    /// Takes the variables in the order of their names' bytes.
    init(_ variables: [ExtractedVariable], source: GraphBytes) {
        self.variables = variables
        self.source = source
    }

    /// Writes both files; `prefix` is their path up to `.index`.
    ///
    /// - Throws: a file error.
    func write(to prefix: String) throws {
        let data = try OutputFile(path: "\(prefix).data-00000-of-00001", permissions: 0o644, replacing: false)
        let offsets = self.offsets
        // Each has its place, so that they can be made and written side by side.
        let results = Mutex<[Result<UInt32, any Error>?]>(Array(repeating: nil, count: self.variables.count))
        DispatchQueue.concurrentPerform(iterations: self.variables.count) { index in
            let result = Result { try Self.write(self.variables[index].value.content, of: self.source, to: data, at: offsets[index]) }
            results.withLock { $0[index] = result }
        }
        var table = TableWriter()
        table.add([], Self.header)
        for (index, result) in results.withLock({ $0 }).enumerated() {
            let variable = self.variables[index]
            guard let checksum = try result?.get() else { preconditionFailure("every variable was written") }
            let entry = CheckpointEntry(
                dataType: variable.value.dataType, shape: variable.value.shape, offset: offsets[index], size: variable.value.content.count,
                checksum: checksum)
            table.add(Array(variable.name.utf8), entry.encode())
        }
        try data.commit()
        try OutputFile.write(table.finish(), to: "\(prefix).index", permissions: 0o644, replacing: false)
    }

    /// Where each variable lies: one after another.
    private var offsets: [Int] {
        var offsets: [Int] = []
        var end = 0
        for variable in self.variables {
            offsets.append(end)
            end += variable.value.content.count
        }
        return offsets
    }

    /// Writes a tensor at its place and returns its checksum.
    private static func write(_ content: TensorContent, of source: GraphBytes, to data: borrowing OutputFile, at offset: Int) throws -> UInt32 {
        var checksum = MaskedChecksum()
        var offset = offset
        try content.forEachChunk(in: source) { chunk in
            checksum.update(chunk)
            try data.write(chunk, at: offset)
            offset += chunk.count
        }
        return checksum.masked
    }
}
