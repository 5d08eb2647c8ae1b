// SPDX-License-Identifier: Apache-2.0

/// Makes TOML of a manifest's Jinja template, so that a template can be looked at without rendering it.
///
/// Statements (`{% ... %}`) and comments (`{# ... #}`) go, expressions (`{{ ... }}`) stay as texts whose value is not known. Lines keep their numbers.
enum ManifestTemplate {
    static func toml(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { Self.line(String($0)) }.joined(separator: "\n")
    }

    private static func line(_ line: String) -> String {
        var rest = line[...]
        var result = ""
        var isQuoted = false
        while let character = rest.first {
            if rest.hasPrefix("{%") || rest.hasPrefix("{#") {
                rest = Self.skip(rest, to: rest.hasPrefix("{%") ? "%}" : "#}")
            } else if rest.hasPrefix("{{") {
                let after = Self.skip(rest, to: "}}")
                let expression = rest[..<after.startIndex].replacing("\"", with: "'").replacing("\\", with: "/")
                result += isQuoted ? expression : "\"\(expression)\""
                rest = after
            } else if character == "#", !isQuoted {
                return result + rest
            } else {
                if character == "\"", !(isQuoted && result.hasSuffix("\\")) { isQuoted.toggle() }
                result.append(character)
                rest.removeFirst()
            }
        }
        return result
    }

    private static func skip(_ text: Substring, to end: String) -> Substring {
        text.firstRange(of: end).map { text[$0.upperBound...] } ?? text[text.endIndex...]
    }
}
