// SPDX-License-Identifier: Apache-2.0

internal import ByteCoding
internal import CTensorFlow
internal import SavedModels

/// The operations that the loaded TensorFlow has.
package struct TensorFlowOperationCatalog: OperationCatalog {
    /// Newest GraphDef version that it reads.
    package let graphVersion: Int32
    private let names: Set<String>

    /// Asks the library once.
    ///
    /// - Throws: ``TensorFlowError`` if its answers can't be read.
    package init(library: TensorFlowLibrary) throws {
        self.graphVersion = try Self.graphVersion(of: library)
        // OpList.op = 1, OpDef.name = 1.
        let list = try unsafe Self.takeBytes(of: library.functions.GetAllOpList(), library: library)
        self.names = try Self.reading {
            let names = try ProtoReader.fields(list.span, number: 1).flatMap { try ProtoReader.fields($0.span, number: 1) }
            return Set(names.map { String(decoding: $0, as: UTF8.self) })
        }
    }

    /// Whether the library has the operation.
    package func contains(_ operation: String) -> Bool { self.names.contains(operation) }

    /// The producer that TensorFlow writes into a graph it makes itself.
    private static func graphVersion(of library: TensorFlowLibrary) throws -> Int32 {
        let functions = library.functions
        guard let graph = functions.NewGraph(), let buffer = functions.NewBuffer() else {
            throw TensorFlowError(.resourceExhausted, "tensorflow-out-of-memory", "TensorFlow could not make a graph")
        }
        defer { unsafe functions.DeleteGraph(graph) }
        do {
            try unsafe library.checked { unsafe functions.GraphVersions(graph, buffer, $0) }
        } catch {
            unsafe functions.DeleteBuffer(buffer)
            throw error
        }
        let bytes = try unsafe Self.takeBytes(of: buffer, library: library)
        // VersionDef.producer = 1.
        return try Self.reading { Int32(clamping: try ProtoReader.varint(bytes.span, number: 1) ?? 0) }
    }

    /// Copies what a buffer of TensorFlow's holds, and deletes it.
    private static func takeBytes(of buffer: UnsafeMutablePointer<TF_Buffer>?, library: TensorFlowLibrary) throws -> [UInt8] {
        guard let buffer = unsafe buffer else { throw TensorFlowError(.internal, "tensorflow-internal", "TensorFlow gave no answer") }
        defer { unsafe library.functions.DeleteBuffer(buffer) }
        return unsafe [UInt8](UnsafeRawBufferPointer(start: buffer.pointee.data, count: buffer.pointee.length))
    }

    private static func reading<Result>(_ body: () throws -> Result) throws(TensorFlowError) -> Result {
        do {
            return try body()
        } catch {
            throw TensorFlowError(.internal, "tensorflow-internal", "TensorFlow's answer can't be read: \(error)")
        }
    }
}
