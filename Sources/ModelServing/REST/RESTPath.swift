// SPDX-License-Identifier: Apache-2.0

/// What a URL of the REST API asks for.
///
/// TensorFlow Serving matches path and query string together against two patterns, without regard to case:
/// `/v1/models/NAME[/versions/DIGITS|/labels/LABEL]:(classify|regress|predict)` for POST and
/// `/v1/models[/NAME][/versions/DIGITS|/labels/LABEL][/metadata]` for GET, where NAME and LABEL hold neither `/` nor `:`.
package struct RESTPath: Hashable, Sendable {
    /// What is asked of the model.
    package enum Action: Hashable, Sendable {
        case predict, classify, regress, status, metadata
    }

    /// The model's name; `nil` where the URL has none.
    package let name: String?
    package let version: VersionChoice
    package let action: Action

    private static let prefix = Array("/v1/".utf8)
    private static let verbs: [(text: String, action: Action)] = [("classify", .classify), ("regress", .regress), ("predict", .predict)]

    /// Whether a URL belongs to the API at all: `/v1/.*`.
    package static func isOfAPI(_ target: String) -> Bool {
        target.utf8.count >= Self.prefix.count
            && zip(target.utf8, Self.prefix).allSatisfy { $0 == $1 || $0 == UInt8(ascii: "V") && $1 == UInt8(ascii: "v") }
    }

    /// Reads the URL of a POST request.
    ///
    /// - Returns: `nil` when it does not match.
    /// - Throws: a ``RequestError`` for a version number that is none.
    package init?(post target: String) throws(RequestError) {
        // No name holds a colon, so the first one is before the verb.
        guard let colon = target.firstIndex(of: ":") else { return nil }
        let verb = target[target.index(after: colon)...]
        let segments = Self.segments(target[..<colon])
        guard let rest = Self.afterPrefix(segments), let name = rest.first, !name.isEmpty else { return nil }
        // The pattern takes a verb in any case, the table behind it only this one.
        guard let action = Self.verbs.first(where: { $0.text == verb })?.action else { return nil }
        guard let (choice, end) = try Self.version(rest.dropFirst()), end.isEmpty else { return nil }
        self.name = PercentEncoding.decode(name)
        self.version = choice
        self.action = action
    }

    /// Reads the URL of a GET request.
    ///
    /// - Returns: `nil` when it does not match.
    /// - Throws: a ``RequestError`` for a version number that is none.
    package init?(get target: String) throws(RequestError) {
        guard !target.contains(":"), let rest = Self.afterPrefix(Self.segments(target[...])) else { return nil }
        // A name is taken where one can be; `/v1/models/versions/1` has none.
        if let name = rest.first, !name.isEmpty, let path = try Self.status(rest.dropFirst(), name: name) {
            self = path
        } else if let path = try Self.status(rest, name: nil) {
            self = path
        } else {
            return nil
        }
    }

    private init(name: String?, version: VersionChoice, action: Action) {
        self.name = name
        self.version = version
        self.action = action
    }

    private static func status(_ segments: ArraySlice<Substring>, name: Substring?) throws(RequestError) -> RESTPath? {
        guard let (choice, end) = try Self.version(segments) else { return nil }
        let path = { (action: Action) in RESTPath(name: name.map(PercentEncoding.decode), version: choice, action: action) }
        if end.isEmpty { return path(.status) }
        guard end.count == 1, let last = end.first, last.lowercased() == "metadata" else { return nil }
        // As with verbs, the pattern takes any case, but only this one is acted upon.
        return path(last == "metadata" ? .metadata : .status)
    }

    private static func segments(_ path: Substring) -> [Substring] { path.split(separator: "/", omittingEmptySubsequences: false) }

    /// What stands behind `/v1/models`.
    private static func afterPrefix(_ segments: [Substring]) -> ArraySlice<Substring>? {
        guard segments.count >= 3, segments[0].isEmpty, segments[1].lowercased() == "v1", segments[2].lowercased() == "models" else { return nil }
        return segments[3...]
    }

    /// Takes `versions/DIGITS` or `labels/LABEL` where they are.
    ///
    /// - Returns: the version and what stands behind it; `nil` when the segments match neither.
    private static func version(
        _ segments: ArraySlice<Substring>
    ) throws(RequestError) -> (choice: VersionChoice, rest: ArraySlice<Substring>)? {
        guard segments.count >= 2, let kind = segments.first?.lowercased() else { return (.latest, segments) }
        let value = segments[segments.startIndex + 1]
        switch kind {
        case "versions":
            guard !value.isEmpty, value.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) else { return nil }
            guard let number = Int64(value) else {
                throw RequestError(.invalidArgument, "Failed to convert version: \(value) to numeric.")
            }
            return (.number(number), segments.dropFirst(2))
        case "labels":
            guard !value.isEmpty else { return nil }
            return (.label(PercentEncoding.decode(value)), segments.dropFirst(2))
        default: return (.latest, segments)
        }
    }
}
