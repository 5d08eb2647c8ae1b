/// Where the parts of a MetaGraphDef lie, found without decoding the graph.
struct MetaGraphScan {
    private(set) var tags: Set<String> = []
    private(set) var tensorFlowVersion = ""
    private(set) var graphSize = 0
    private(set) var hasSaver = false
    private(set) var assets: [Range<Int>] = []
    /// The pieces of each signature, by key.
    private(set) var signatures: [String: [Range<Int>]] = [:]

    /// Scans every meta graph of a SavedModel (field 2; field 1 is the schema version, which no loader compares).
    static func all(in bytes: [UInt8]) throws(WireError) -> [MetaGraphScan] {
        var metaGraphs: [MetaGraphScan] = []
        var reader = WireReader(bytes.span, in: 0..<bytes.count)
        while let field = try reader.nextField() {
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
            case 2: self.graphSize += try field.bytes().count
            case 3: if try !field.bytes().isEmpty { self.hasSaver = true }
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
}
