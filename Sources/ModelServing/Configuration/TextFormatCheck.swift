// SPDX-License-Identifier: Apache-2.0

/// Holds a text against the declaration of its message, as protobuf's parser in C++ does, and the one used here does not.
///
/// Finds unknown fields, field numbers, and fields that are given twice, each with its name and place, and adds what may be left out of an entry
/// of a map. The values are left to the parser.
struct TextFormatCheck {
    /// A field with one value of its own, not a message.
    ///
    /// It holds no copy of the value, which may be secret.
    struct Leaf {
        /// The names of the messages around it, outermost first.
        let path: [String]
        let name: String
        let place: TextFormatPlace
        /// Where the value is in the checked text.
        let range: Range<String.Index>

        /// The field in the messages around it, and nothing else.
        func text(in whole: String) -> String {
            self.path.map { "\($0) { " }.joined() + "\(self.name): \(whole[self.range])" + String(repeating: " }", count: self.path.count)
        }
    }

    /// As many messages within each other are read, as everywhere in protobuf.
    private static let depthLimit = 100
    private static let any = "google.protobuf.Any"

    /// The text with entries of maps made whole; the text itself, not a copy, where nothing was missing.
    private(set) var completed = ""
    /// The fields in the order of the text.
    private(set) var leaves: [Leaf] = []

    private let schema: TextFormatSchema
    private var tokens: TextFormatTokenizer
    private var path: [String] = []
    /// The end of what was copied to ``completed``.
    private var copied: String.Index

    /// Checks the text of a message of this full name.
    init(_ text: String, of message: String, _ schema: TextFormatSchema = .configuration) throws(TextFormatError) {
        self.schema = schema
        self.tokens = try TextFormatTokenizer(text)
        self.copied = text.startIndex
        var fields = FieldNames()
        while self.tokens.current.kind != .end { try self.field(of: schema[message], &fields) }
        self.completed = self.completed.isEmpty ? text : self.completed + text[self.copied...]
    }

    /// Which fields of one message were given.
    private struct FieldNames {
        var names: Set<String> = []
        var choices: [String: String] = [:]

        mutating func add(_ name: String, _ field: TextFormatSchema.Field, at place: TextFormatPlace) throws(TextFormatError) {
            guard self.names.insert(name).inserted || field.isRepeated else {
                throw TextFormatError(place, "Non-repeated field \"\(name)\" is specified multiple times.")
            }
            guard let oneOf = field.oneOf else { return }
            if let other = self.choices.updateValue(name, forKey: oneOf) {
                throw TextFormatError(place, "Field \"\(name)\" is specified along with field \"\(other)\", another member of oneof \"\(oneOf)\".")
            }
        }
    }

    // MARK: Fields

    /// Reads a field; where the message is not known anything goes.
    private mutating func field(of message: TextFormatSchema.Message?, _ fields: inout FieldNames) throws(TextFormatError) {
        let place = self.tokens.current.place
        let name = try self.name()
        if let declared = message?.fields[name] {
            try fields.add(name, declared, at: place)
            if let type = declared.message {
                _ = try self.tokens.take(":")
                try self.list(if: declared.isRepeated) { check throws(TextFormatError) in try check.message(name, check.schema[type], at: place) }
            } else {
                guard try self.tokens.take(":") else { throw self.expected(":") }
                try self.list(if: declared.isRepeated) { check throws(TextFormatError) in try check.leaf(name) }
            }
        } else {
            let isNamed = message == nil || message?.reservedNames.contains(name) == true || (message?.name == Self.any && name.hasPrefix("["))
            guard isNamed else {
                throw TextFormatError(place, "Message type \"\(message?.name ?? "")\" has no field named \"\(name)\".")
            }
            try self.undeclared(name, at: place)
        }
        if try !self.tokens.take(";") { _ = try self.tokens.take(",") }
    }

    /// The field's name, or the type in brackets that an `Any` holds.
    private mutating func name() throws(TextFormatError) -> String {
        let start = self.tokens.current
        guard self.tokens.isAt("[") else {
            guard start.kind == .identifier else { throw self.unexpected("identifier") }
            try self.tokens.advance()
            return self.tokens.text(start.range)
        }
        while !self.tokens.isAt("]") {
            guard self.tokens.current.kind != .end else { throw self.expected("]") }
            try self.tokens.advance()
        }
        let range = start.range.lowerBound..<self.tokens.current.range.upperBound
        try self.tokens.advance()
        return self.tokens.text(range)
    }

    private mutating func undeclared(_ name: String, at place: TextFormatPlace) throws(TextFormatError) {
        // The type of an Any comes after the last slash.
        let typeName = name.hasPrefix("[") ? name.dropFirst().dropLast().split(separator: "/").last.map(String.init) ?? "" : nil
        let type = typeName.flatMap { self.schema[$0] }
        if typeName != nil, type == nil {
            throw TextFormatError(place, "Could not find type \"\(name.dropFirst().dropLast())\" stored in \(Self.any).")
        }
        let hasColon = try self.tokens.take(":")
        if self.tokens.isAt("{") || self.tokens.isAt("<") {
            try self.message(name, type, at: place)
        } else {
            guard hasColon else { throw self.expected(":") }
            try self.list(if: true) { check throws(TextFormatError) in
                if check.tokens.isAt("{") || check.tokens.isAt("<") { try check.message(name, nil, at: place) } else { _ = try check.scalar() }
            }
        }
    }

    // MARK: Values

    /// One value, or several in brackets if the field may be repeated.
    private mutating func list(if isRepeated: Bool, _ value: (inout Self) throws(TextFormatError) -> Void) throws(TextFormatError) {
        guard isRepeated, try self.tokens.take("[") else { return try value(&self) }
        if try self.tokens.take("]") { return }
        repeat { try value(&self) } while try self.tokens.take(",")
        guard try self.tokens.take("]") else { throw self.expected("]") }
    }

    private mutating func message(_ name: String, _ type: TextFormatSchema.Message?, at place: TextFormatPlace) throws(TextFormatError) {
        let end: Character = self.tokens.isAt("<") ? ">" : "}"
        guard self.tokens.isAt("<") || self.tokens.isAt("{") else { throw self.expected("{") }
        guard self.path.count < Self.depthLimit else {
            throw TextFormatError(place, "Message is too deep, the parser exceeded the configured recursion limit of \(Self.depthLimit).")
        }
        try self.tokens.advance()
        self.path.append(name)
        var fields = FieldNames()
        while !self.tokens.isAt(end) {
            guard self.tokens.current.kind != .end else { throw TextFormatError(place, "Expected \"\(end)\", found the end of the text.") }
            if self.tokens.isAt("}") || self.tokens.isAt(">") { throw self.expected(String(end)) }
            try self.field(of: type, &fields)
        }
        if let type, type.isMapEntry { self.complete(type, fields.names) }
        self.path.removeLast()
        try self.tokens.advance()
    }

    /// Adds what an entry of a map lacks before its closing bracket.
    private mutating func complete(_ entry: TextFormatSchema.Message, _ given: Set<String>) {
        let missing = entry.fields.filter { !given.contains($0.key) }.sorted { $0.key < $1.key }
        let end = self.tokens.current.range.lowerBound
        guard !missing.isEmpty else { return }
        self.completed += self.tokens.text(self.copied..<end) + missing.map { " \($0.key)\($0.value.defaultValue) " }.joined()
        self.copied = end
    }

    private mutating func leaf(_ name: String) throws(TextFormatError) {
        let place = self.tokens.current.place
        let range = try self.scalar()
        self.leaves.append(Leaf(path: self.path, name: name, place: place, range: range))
    }

    /// A number, a name, or strings that are to be joined.
    private mutating func scalar() throws(TextFormatError) -> Range<String.Index> {
        let start = self.tokens.current.range.lowerBound
        let isNegative = try self.tokens.take("-")
        var end = self.tokens.current.range.upperBound
        switch self.tokens.current.kind {
        case .number, .identifier: try self.tokens.advance()
        case .string where !isNegative:
            while self.tokens.current.kind == .string {
                end = self.tokens.current.range.upperBound
                try self.tokens.advance()
            }
        default: throw self.unexpected("a value")
        }
        return start..<end
    }

    /// Tells that another symbol should be here.
    private func expected(_ symbol: String) -> TextFormatError {
        TextFormatError(self.tokens.current.place, "Expected \"\(symbol)\", found \"\(self.tokens.text(self.tokens.current.range))\".")
    }

    /// Tells that something else should be here.
    private func unexpected(_ wanted: String) -> TextFormatError {
        TextFormatError(self.tokens.current.place, "Expected \(wanted), got: \(self.tokens.text(self.tokens.current.range))")
    }
}
