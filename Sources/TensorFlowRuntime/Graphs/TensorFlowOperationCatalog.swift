// SPDX-License-Identifier: Apache-2.0

internal import ByteCoding
internal import CTensorFlow
internal import SavedModels

/// The operations that the loaded TensorFlow has.
package struct TensorFlowOperationCatalog: OperationCatalog {
    /// Newest GraphDef version that it reads.
    package let graphVersion: Int32
    private let library: TensorFlowLibrary
    private let names: Set<String>
    /// Operations that newer graphs may not have any more, and from which GraphDef version on.
    private let deprecated: [String: Int32]

    /// Asks the library once.
    ///
    /// - Throws: ``TensorFlowError`` if its answers can't be read.
    package init(library: TensorFlowLibrary) throws {
        self.library = library
        self.graphVersion = try Self.graphVersion(of: library)
        // OpList.op = 1, OpDef.name = 1, OpDef.deprecation = 8, OpDeprecation.version = 1.
        let list = try unsafe Self.takeBytes(of: library.functions.GetAllOpList(), library: library)
        (self.names, self.deprecated) = try Self.reading {
            var names: Set<String> = []
            var deprecated: [String: Int32] = [:]
            for operation in try ProtoReader.fields(list.span, number: 1) {
                guard let bytes = try ProtoReader.fields(operation.span, number: 1).last else { continue }
                let name = String(decoding: bytes, as: UTF8.self)
                names.insert(name)
                guard let deprecation = try ProtoReader.fields(operation.span, number: 8).last else { continue }
                deprecated[name] = Int32(clamping: try ProtoReader.varint(deprecation.span, number: 1) ?? 0)
            }
            return (names, deprecated)
        }
    }

    /// From which GraphDef version on a graph with the operation is refused.
    package func refusedVersion(of operation: String) -> Int32? { self.deprecated[operation] }

    /// Whether there is a kernel of the operation for processors.
    package func hasKernel(of operation: String) throws -> Bool {
        let functions = self.library.functions
        let buffer = try unsafe self.library.checked { unsafe functions.GetRegisteredKernelsForOp(operation, $0) }
        // KernelList.kernel = 1, KernelDef.device_type = 2.
        let list = try unsafe Self.takeBytes(of: buffer, library: self.library)
        return try Self.reading {
            try ProtoReader.fields(list.span, number: 1).contains { kernel in
                let devices = try ProtoReader.fields(kernel.span, number: 2)
                return devices.contains { ["CPU", "DEFAULT"].contains(String(decoding: $0, as: UTF8.self)) }
            }
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
