// SPDX-License-Identifier: Apache-2.0

import ByteCoding

/// Writes variables as TensorFlow's checkpoint (tensor bundle, format V2), byte for byte as TensorFlow does.
///
/// Two files: all tensors one after another, and a table of where each lies. Memory stays at one piece of a tensor, however large it is.
struct CheckpointWriter {
    /// BundleHeaderProto: one data file, little-endian, version 1.
    private static let header: [UInt8] = [0x08, 0x01, 0x1a, 0x02, 0x08, 0x01]

    private let variables: [ExtractedVariable]
    /// The bytes of the graph that the variables were taken from.
    private let source: [UInt8]

    /// Takes the variables in the order of their names' bytes.
    init(_ variables: [ExtractedVariable], source: [UInt8]) {
        self.variables = variables
        self.source = source
    }

    /// Writes both files; `prefix` is their path up to `.index`.
    ///
    /// - Throws: a file error.
    func write(to prefix: String) throws {
        var table = TableWriter()
        table.add([], Self.header)
        let data = try OutputFile(path: "\(prefix).data-00000-of-00001", permissions: 0o644, replacing: false)
        var offset = 0
        for variable in self.variables {
            var checksum = MaskedChecksum()
            try variable.value.content.forEachChunk(in: self.source) { chunk in
                checksum.update(chunk)
                try data.write(chunk)
            }
            let size = variable.value.content.count
            let entry = CheckpointEntry(
                dataType: variable.value.dataType, shape: variable.value.shape, offset: offset, size: size, checksum: checksum.masked)
            table.add(Array(variable.name.utf8), entry.encode())
            offset += size
        }
        try data.commit()
        try OutputFile.write(table.finish(), to: "\(prefix).index", permissions: 0o644, replacing: false)
    }
}
