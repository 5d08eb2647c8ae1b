// SPDX-License-Identifier: Apache-2.0

import Yams

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// One value of a policy file, which knows where it stands, so that every complaint names file, line and column.
struct PolicyNode {
    let node: Node
    /// Where in the document, such as `rules[1].sgx`.
    let path: String
    let file: String

    var line: Int { self.node.mark?.line ?? 1 }

    /// A complaint about this value.
    func error(_ problem: String, remedy: String? = nil) -> KeyBrokerError {
        Self.error(file: self.file, mark: self.node.mark, problem, remedy: remedy)
    }

    static func error(file: String, mark: Mark?, _ problem: String, remedy: String? = nil) -> KeyBrokerError {
        KeyBrokerError(.badPolicy, "\(file):\(mark?.line ?? 1):\(mark?.column ?? 1): \(problem)", remedy: remedy)
    }

    /// The value as a mapping in which no other keys than these stand.
    func mapping(keys: [String]) throws(KeyBrokerError) -> PolicyMapping {
        guard case .mapping(let mapping) = self.node else { throw self.wrongType("a mapping with the keys \(keys.joined(separator: ", "))") }
        var values: [String: PolicyNode] = [:]
        for (key, value) in mapping {
            guard let name = key.scalar?.string, keys.contains(name) else { throw self.unknownKey(key, known: keys) }
            values[name] = PolicyNode(node: value, path: self.path.isEmpty ? name : "\(self.path).\(name)", file: self.file)
        }
        return PolicyMapping(node: self, values: values)
    }

    /// The value as a list.
    func list() throws(KeyBrokerError) -> [PolicyNode] {
        guard case .sequence(let sequence) = self.node else { throw self.wrongType("a list") }
        return sequence.enumerated().map { PolicyNode(node: $1, path: "\(self.path)[\($0)]", file: self.file) }
    }

    /// The value as a list, which may be written without brackets when it has one element.
    func listOrSingle() throws(KeyBrokerError) -> [PolicyNode] {
        if case .scalar = self.node { [self] } else { try self.list() }
    }

    /// The value as text, exactly as written: measurements of digits alone are no numbers.
    func text() throws(KeyBrokerError) -> String {
        guard case .scalar(let scalar) = self.node, !scalar.string.isEmpty else { throw self.wrongType("text") }
        return scalar.string
    }

    /// The value as one of a set of words.
    func word<Value>(_ values: [(name: String, value: Value)]) throws(KeyBrokerError) -> Value {
        let text = try self.text()
        if let match = values.first(where: { $0.name == text }) { return match.value }
        let names = values.map(\.name)
        let hint = NearMiss.suggestion(for: text, among: names).map { "; did you mean `\($0)`?" } ?? ""
        throw self.error("`\(text)` is not a value of \(self.path)\(hint)", remedy: "use one of: \(names.joined(separator: ", "))")
    }

    /// The value as `true` or `false`.
    func truth() throws(KeyBrokerError) -> Bool {
        try self.word([("true", true), ("false", false)])
    }

    /// The value as a whole number within a range.
    func number<Value: FixedWidthInteger>(in range: ClosedRange<Value>) throws(KeyBrokerError) -> Value {
        guard let number = Value(try self.text()), range.contains(number) else {
            throw self.wrongType("a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// The value as a calendar date, `YYYY-MM-DD`: its first moment in UTC.
    func day() throws(KeyBrokerError) -> Date {
        let text = try self.text()
        let style = Date.ISO8601FormatStyle().year().month().day()
        // What the parser makes of a day that no month has, such as November 31, is written another way.
        guard let date = try? style.parse(text), date.formatted(style) == text else {
            throw self.wrongType("a date, YYYY-MM-DD, that the calendar has")
        }
        return date
    }

    private func wrongType(_ expected: String) -> KeyBrokerError {
        let found =
            switch self.node {
            case .scalar(let scalar) where scalar.string.isEmpty: "nothing"
            case .scalar(let scalar): "`\(scalar.string.prefix(80))`"
            case .mapping: "a mapping"
            case .sequence: "a list"
            case .alias: "an alias"
            }
        return self.error("\(self.path.isEmpty ? "a policy" : self.path) has to be \(expected), found \(found)")
    }

    private func unknownKey(_ key: Node, known: [String]) -> KeyBrokerError {
        let name = key.scalar?.string ?? "?"
        let hint = NearMiss.suggestion(for: name, among: known).map { "; did you mean `\($0)`?" } ?? ""
        let place = self.path.isEmpty ? "a policy" : self.path
        return Self.error(
            file: self.file, mark: key.mark, "unknown key `\(name)` in \(place)\(hint)",
            remedy: "the keys of \(place) are: \(known.joined(separator: ", "))")
    }
}

/// A mapping of a policy file whose keys are all known.
struct PolicyMapping {
    let node: PolicyNode
    fileprivate let values: [String: PolicyNode]

    fileprivate init(node: PolicyNode, values: [String: PolicyNode]) {
        self.node = node
        self.values = values
    }

    /// The value of a key, if it is given.
    subscript(key: String) -> PolicyNode? { self.values[key] }

    /// The value of a key that has to be given.
    func required(_ key: String) throws(KeyBrokerError) -> PolicyNode {
        guard let value = self.values[key] else {
            throw self.node.error("\(self.node.path.isEmpty ? "the policy" : self.node.path) lacks the key `\(key)`")
        }
        return value
    }
}
