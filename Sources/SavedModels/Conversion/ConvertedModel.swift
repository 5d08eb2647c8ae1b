// SPDX-License-Identifier: Apache-2.0

import ByteCoding

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A model made of a frozen graph, ready to be written.
public struct ConvertedModel: Sendable {
    /// From this size on some servers refuse a model, and all need several times as much memory.
    private static let warnedSize = 1 << 30

    /// What goes in and out.
    public let signature: Signature
    /// Its key.
    public let signatureKey: String
    /// Names of the nodes that compute, in the order in which they are written.
    ///
    /// What belongs to variables alone is not among them: a constant that became one stands under its own name.
    public let nodeNames: [String]
    /// Number of nodes of the frozen graph.
    public let originalNodeCount: Int
    /// Number of batch normalisations that were folded into convolutions.
    public let foldedCount: Int
    /// What the owner should know.
    public let warnings: [ConversionWarning]
    /// Constants that became variables.
    private let variables: [ExtractedVariable]
    /// The graph before it was optimised.
    private let reference: EditedGraph
    /// The bytes before and after the graph.
    private let head: [UInt8]
    private let tail: [UInt8]
    private let graph: GraphPieces

    /// Size of `saved_model.pb` in bytes.
    public var size: Int { self.head.count + self.graph.count + self.tail.count }
    /// Size of the graph in it.
    public var graphSize: Int { self.graph.count }
    /// Number of constants that became variables.
    public var variableCount: Int { self.variables.count }
    /// Size of all variables in bytes.
    public var variableBytes: Int { self.variables.reduce(0) { $0 + $1.value.content.count } }

    /// Puts a graph into a SavedModel with one meta graph and one signature.
    ///
    /// Lengths are computed inside out, so nothing but the head and the tail is ever held beside the source.
    init(
        graph: EditedGraph, reference: EditedGraph, extraction: VariableExtraction.Result?, nodeNames: [String], foldedCount: Int,
        signature: Signature, signatureKey: String, warnings: [ConversionWarning]
    ) throws(SavedModelError) {
        let pieces = try graph.pieces()
        self.graph = pieces
        self.reference = reference
        self.variables = extraction?.variables ?? []
        self.nodeNames = nodeNames
        self.originalNodeCount = graph.source.nodes.count
        self.foldedCount = foldedCount
        self.signature = signature
        self.signatureKey = signatureKey

        var info = WireWriter()
        info.write(field: 1) { $0.write(field: 4, text: "serve") }
        info.writeHead(field: 2, length: pieces.count)
        self.tail = (extraction?.saver ?? []) + SignatureEncoding.mapEntry(signature, key: signatureKey)
        var head = WireWriter()
        head.write(field: 1, varint: 1)
        head.writeHead(field: 2, length: info.bytes.count + pieces.count + self.tail.count)
        self.head = head.bytes + info.bytes

        let size = self.head.count + pieces.count + self.tail.count
        guard size <= SavedModel.maximumSize else {
            throw SavedModelError(
                .tooLarge, "saved_model.pb would have \(size) bytes; no protobuf message has more than \(SavedModel.maximumSize)",
                remedy: "move the weights into variables (--as-variables), which have no such limit")
        }
        self.warnings = warnings + (size >= Self.warnedSize ? [.largeModel(size)] : [])
    }

    /// Reads a frozen graph and converts it, without TensorFlow.
    public init(decoding graph: [UInt8], options: ConversionOptions) throws {
        self = try GraphConverter(GraphIndex(decoding: graph), options: options).convert()
    }

    /// Names of the operations that answer differently each time.
    package var randomOperations: [String] {
        self.reference.keptInOrder.filter { KnownOperations.random.contains(self.reference.operation(of: $0)) }.map { self.reference.name(of: $0) }
    }

    /// The graph before it was optimised, its big constants apart.
    package func referenceGraph() throws(SavedModelError) -> ReferenceGraph {
        let (graph, constants) = try self.reference.hollow(above: GraphConverter.hollowThreshold)
        return ReferenceGraph(graphDef: graph.joined(), constants: constants.map { ReferenceGraph.Constant($0, source: graph.source) })
    }

    /// The whole `saved_model.pb`, for models that are small.
    public func encode() -> [UInt8] { self.head + self.graph.joined() + self.tail }

    /// Writes the version's folder `FOLDER/VERSION` with `saved_model.pb` and `variables/`, which is empty where nothing became a variable.
    ///
    /// It appears whole or not at all; model folders on the way are made. `verify` is given the finished folder before it appears; if it throws,
    /// nothing appears.
    ///
    /// - Throws: `bad-option` for a negative version, what `verify` throws, or a file error, `output-exists` when the version is there and may
    ///   not be replaced.
    public func write(to modelFolder: String, version: Int64, replacing: Bool, verify: (String) throws -> Void = { _ in }) throws {
        guard version >= 0 else { throw SavedModelError(.badOption, "a model's version is not negative: \(version)", remedy: "give 0 or more") }
        do {
            try FileManager.default.createDirectory(atPath: modelFolder, withIntermediateDirectories: true)
        } catch {
            throw FileError(.create, path: modelFolder)
        }
        let folder = try OutputFolder(path: "\(modelFolder)/\(version)", replacing: replacing)
        let variables = "\(folder.workPath)/variables"
        do {
            try FileManager.default.createDirectory(atPath: variables, withIntermediateDirectories: false)
        } catch {
            throw FileError(.create, path: variables)
        }
        if !self.variables.isEmpty { try CheckpointWriter(self.variables, source: self.graph.source).write(to: "\(variables)/variables") }
        let file = try OutputFile(path: "\(folder.workPath)/\(SavedModelFolder.modelFileName)", permissions: 0o644, replacing: false)
        try file.write(self.head.span)
        try self.graph.write(to: file)
        try file.write(self.tail.span)
        try file.commit()
        try verify(folder.workPath)
        try folder.commit()
    }
}
