// SPDX-License-Identifier: Apache-2.0

/// A metric with all its cells, which can be told in Prometheus's text format.
protocol MetricFamily: Sendable {
    /// A path, as TensorFlow Serving has them.
    var name: String { get }
    /// The lines of the text format under `name`, the type first.
    func lines(_ name: String) -> [String]
}

/// The parts of Prometheus's text format as TensorFlow Serving writes it.
enum MetricText {
    /// All metrics, sorted by name.
    static func page(_ families: [any MetricFamily]) -> String {
        let pages = families.map { (name: Self.name($0.name), family: $0) }.sorted { $0.name < $1.name }
        return pages.flatMap { $0.family.lines($0.name) }.joined(separator: "\n") + "\n"
    }

    /// Every character outside letters, digits and underscores becomes a colon.
    static func name(_ path: String) -> String {
        String(path.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") ? $0 : ":" })
    }

    static func labels(_ names: [String], _ values: [String]) -> String {
        zip(names, values).map { "\($0)=\"\(Self.escape($1))\"" }.joined(separator: ",")
    }

    private static func escape(_ value: String) -> String {
        var text = ""
        for character in value.unicodeScalars {
            switch character {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            // Upstream leaves line ends as they are, which breaks the format; a reader of it knows this escape.
            case "\n": text += "\\n"
            default: text.unicodeScalars.append(character)
            }
        }
        return text
    }
}
