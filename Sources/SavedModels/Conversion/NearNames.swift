// SPDX-License-Identifier: Apache-2.0

/// Finds names that a user may have meant.
enum NearNames {
    /// How many are offered.
    private static let offered = 3
    /// Only so many names are looked at, and only so long ones: it is a courtesy, not a search.
    private static let examined = 100_000
    private static let longest = 100

    /// The names nearest to `wanted`, best first.
    static func nearest(to wanted: String, among names: some Sequence<String>) -> [String] {
        let target = Array(wanted.lowercased().utf8.prefix(Self.longest))
        let limit = max(2, target.count / 3)
        var found: [(distance: Int, name: String)] = []
        for name in names.prefix(Self.examined) {
            let candidate = Array(name.lowercased().utf8.prefix(Self.longest))
            let isPart = candidate.last == target.last && (name.hasSuffix("/" + wanted) || wanted.hasSuffix("/" + name))
            let distance = isPart ? 1 : Self.distance(target, candidate, limit: limit)
            if distance <= limit { found.append((distance, name)) }
        }
        return found.sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }.prefix(Self.offered).map(\.name)
    }

    /// Levenshtein's distance, or something above `limit` when it is larger than that.
    private static func distance(_ left: [UInt8], _ right: [UInt8], limit: Int) -> Int {
        guard abs(left.count - right.count) <= limit else { return limit + 1 }
        var row = Array(0...right.count)
        for (i, a) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, b) in right.enumerated() {
                let replaced = diagonal + (a == b ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(replaced, row[j] + 1, diagonal + 1)
            }
        }
        return row[right.count]
    }
}
