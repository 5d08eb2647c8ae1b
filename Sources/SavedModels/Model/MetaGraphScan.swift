// SPDX-License-Identifier: Apache-2.0

/// Where the parts of a MetaGraphDef lie, found without decoding the graph.
struct MetaGraphScan {
    /// More meta graphs than this are refused; models have one, seldom two or three.
    static let maximumCount = 1000

    private(set) var tags: Set<String> = []
    private(set) var tensorFlowVersion = ""
    private(set) var graphSize = 0
    /// The pieces of the graph.
    private(set) var graph: [Range<Int>] = []
    private(set) var hasSaver = false
    private(set) var assets: [Range<Int>] = []
    /// The pieces of each signature, by key.
    private(set) var signatures: [String: [Range<Int>]] = [:]

    /// Scans every meta graph of a SavedModel (field 2; field 1 is the schema version, which no loader compares).
    ///
    /// Stops after the first that is too many.
    static func all(in bytes: [UInt8]) throws(WireError) -> [MetaGraphScan] {
        var metaGraphs: [MetaGraphScan] = []
        var reader = WireReader(bytes.span, in: 0..<bytes.count)
        while metaGraphs.count <= Self.maximumCount, let field = try reader.nextField() {
            switch field.number {
            case 1: _ = try field.varint()
            case 2: metaGraphs.append(try MetaGraphScan(bytes, in: try field.bytes()))
            default: break
            }
        }
        return metaGraphs
    }

    private init(_ bytes: [UInt8], in range: Range<Int>) throws(WireError) {
        var reader = WireReader(bytes.span, in: range)
        while let field = try reader.nextField() {
            switch field.number {
            case 1: try self.readInfo(bytes, in: try field.bytes())
            case 2:
                self.graph.append(try field.bytes())
                self.graphSize += self.graph[self.graph.count - 1].count
            case 3: if try !field.bytes().isEmpty { self.hasSaver = true }
            case 4: try self.readCollection(bytes, in: try field.bytes())
            case 5: try self.readSignature(bytes, in: try field.bytes())
            case 6: self.assets.append(try field.bytes())
            default: break
            }
        }
    }

    private mutating func readInfo(_ bytes: [UInt8], in range: Range<Int>) throws(WireError) {
        var reader = WireReader(bytes.span, in: range)
        while let field = try reader.nextField() {
            switch field.number {
            case 4: self.tags.insert(try bytes.text(in: try field.bytes()))
            case 5: self.tensorFlowVersion = try bytes.text(in: try field.bytes())
            default: break
            }
        }
    }

    /// A map entry: key and value in any order, either may be absent; of two entries with one key the later counts.
    private mutating func readSignature(_ bytes: [UInt8], in range: Range<Int>) throws(WireError) {
        var key = ""
        var pieces: [Range<Int>] = []
        var reader = WireReader(bytes.span, in: range)
        while let field = try reader.nextField() {
            switch field.number {
            case 1: key = try bytes.text(in: try field.bytes())
            case 2: pieces.append(try field.bytes())
            default: break
            }
        }
        self.signatures[key] = pieces
    }

    /// A collection: models of TF1 name their assets in one, each as a message packed into an Any.
    private mutating func readCollection(_ bytes: [UInt8], in range: Range<Int>) throws(WireError) {
        guard let key = try Self.contents(of: 1, bytes, in: range).last, bytes[key].elementsEqual("saved_model_assets".utf8) else { return }
        for collection in try Self.contents(of: 2, bytes, in: range) {
            for list in try Self.contents(of: 5, bytes, in: collection) {
                for packed in try Self.contents(of: 1, bytes, in: list) {
                    if let asset = try Self.contents(of: 2, bytes, in: packed).last { self.assets.append(asset) }
                }
            }
        }
    }

    /// Where the contents of a length-delimited field lie, each time it occurs.
    private static func contents(of number: Int, _ bytes: [UInt8], in range: Range<Int>) throws(WireError) -> [Range<Int>] {
        var found: [Range<Int>] = []
        var reader = WireReader(bytes.span, in: range)
        while let field = try reader.nextField() {
            if field.number == number { found.append(try field.bytes()) }
        }
        return found
    }
}
