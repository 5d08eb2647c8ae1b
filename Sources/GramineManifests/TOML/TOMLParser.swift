// SPDX-License-Identifier: Apache-2.0

/// Reads TOML 1.0: keys, tables and how they may follow each other.
///
/// Our own, since the Swift packages for TOML that were looked at end the process on malformed text (`[[`). Held against Python's tomllib in
/// `deploy/check/manifests.py`.
struct TOMLParser {
    /// Deepest nesting of arrays, tables and dotted keys.
    static let depthLimit = 64

    private var reader: TOMLReader
    private let root = TOMLTable(.header)
    /// The table that key-value lines go into.
    private var current: TOMLTable

    static func parse(_ text: String) throws(ManifestError) -> [String: ManifestValue] {
        var parser = TOMLParser(text)
        try parser.parseDocument()
        return parser.root.values.mapValues(\.value)
    }

    private init(_ text: String) {
        self.reader = TOMLReader(text)
        self.current = self.root
    }

    private mutating func parseDocument() throws(ManifestError) {
        while true {
            try self.reader.skipBlanksAndComments(acrossLines: true)
            guard let next = self.reader.peek() else { return }
            if next == UInt8(ascii: "[") { try self.parseHeader() } else { try self.parseKeyValue(into: self.current, depth: 0) }
            try self.reader.endLine()
        }
    }

    private mutating func parseHeader() throws(ManifestError) {
        self.reader.advance()
        let isArray = self.reader.takeNext("[")
        let key = try self.reader.key(limit: Self.depthLimit)
        guard self.reader.take("]"), !isArray || self.reader.takeNext("]") else { throw self.reader.error("a table's header is not closed") }
        var table = self.root
        for name in key.dropLast() { table = try self.enter(name, of: table, as: .implicit) }
        let last = key[key.count - 1]
        self.current = isArray ? try self.append(last, to: table) : try self.define(last, in: table)
    }

    /// The table of that name, which is made if it is not there.
    private func enter(_ name: String, of table: TOMLTable, as origin: TOMLTable.Origin) throws(ManifestError) -> TOMLTable {
        switch table.values[name] {
        case nil:
            let new = TOMLTable(origin)
            table.values[name] = .table(new)
            return new
        case .table(let found):
            // A table that is written in braces, or by a header when a dotted key comes, is complete.
            let isOpen = origin == .dotted ? [.dotted, .implicit].contains(found.origin) : found.origin != .inline
            guard isOpen else { throw self.reader.error("`\(name)` is complete, nothing can be added to it") }
            return found
        case .tables(let tables):
            guard origin != .dotted, let found = tables.last else { throw self.reader.error("`\(name)` is an array of tables") }
            return found
        case .value: throw self.reader.error("`\(name)` is a value, not a table")
        }
    }

    private func define(_ name: String, in table: TOMLTable) throws(ManifestError) -> TOMLTable {
        guard let found = table.values[name] else { return try self.enter(name, of: table, as: .header) }
        guard case .table(let implicit) = found, implicit.origin == .implicit else { throw self.reader.error("`\(name)` is there already") }
        implicit.origin = .header
        return implicit
    }

    private func append(_ name: String, to table: TOMLTable) throws(ManifestError) -> TOMLTable {
        let new = TOMLTable(.header)
        switch table.values[name] {
        case nil: table.values[name] = .tables([new])
        case .tables(let tables): table.values[name] = .tables(tables + [new])
        default: throw self.reader.error("`\(name)` is there already, and no array of tables")
        }
        return new
    }

    private mutating func parseKeyValue(into table: TOMLTable, depth: Int) throws(ManifestError) {
        let key = try self.reader.key(limit: Self.depthLimit)
        guard self.reader.take("=") else { throw self.reader.error("`=` expected after the key") }
        var table = table
        for name in key.dropLast() { table = try self.enter(name, of: table, as: .dotted) }
        let last = key[key.count - 1]
        guard table.values[last] == nil else { throw self.reader.error("`\(last)` is there already") }
        table.values[last] = try self.parseValue(depth: depth)
    }

    private mutating func parseValue(depth: Int) throws(ManifestError) -> TOMLNode {
        guard depth < Self.depthLimit else { throw self.reader.error("nested more than \(Self.depthLimit) deep") }
        self.reader.skipBlanks()
        switch self.reader.peek() {
        case UInt8(ascii: "["): return .value(.array(try self.parseArray(depth: depth)))
        case UInt8(ascii: "{"): return .table(try self.parseInlineTable(depth: depth))
        default: return .value(try self.reader.scalar())
        }
    }

    private mutating func parseArray(depth: Int) throws(ManifestError) -> [ManifestValue] {
        self.reader.advance()
        var values: [ManifestValue] = []
        while true {
            try self.reader.skipBlanksAndComments(acrossLines: true)
            if self.reader.take("]") { return values }
            values.append(try self.parseValue(depth: depth + 1).value)
            try self.reader.skipBlanksAndComments(acrossLines: true)
            if self.reader.take("]") { return values }
            guard self.reader.take(",") else { throw self.reader.error("`,` or `]` expected in an array") }
        }
    }

    private mutating func parseInlineTable(depth: Int) throws(ManifestError) -> TOMLTable {
        self.reader.advance()
        let table = TOMLTable(.inline)
        if self.reader.take("}") { return table }
        while true {
            try self.parseKeyValue(into: table, depth: depth + 1)
            if self.reader.take("}") { break }
            guard self.reader.take(",") else { throw self.reader.error("`,` or `}` expected in a table") }
        }
        table.close()
        return table
    }
}

/// What a key stands for while the text is read.
enum TOMLNode {
    case value(ManifestValue)
    case table(TOMLTable)
    case tables([TOMLTable])

    var value: ManifestValue {
        switch self {
        case .value(let value): value
        case .table(let table): table.value
        case .tables(let tables): .array(tables.map(\.value))
        }
    }
}

/// A table that is still added to; shared by the places that add.
final class TOMLTable {
    /// How a table came to be, which decides what may be added later.
    enum Origin {
        /// By `[a]`, `[[a]]`, or as the document.
        case header
        /// By `[a.b]`, before `[a]`.
        case implicit
        /// By `a.b = 1`.
        case dotted
        /// By braces.
        case inline
    }

    var origin: Origin
    var values: [String: TOMLNode] = [:]

    init(_ origin: Origin) { self.origin = origin }

    var value: ManifestValue { .table(self.values.mapValues(\.value)) }

    /// Closes the tables that dotted keys opened within braces.
    func close() {
        self.origin = .inline
        for case .table(let table) in self.values.values where table.origin == .dotted { table.close() }
    }
}
