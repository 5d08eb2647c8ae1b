// SPDX-License-Identifier: Apache-2.0

/// Finds what a misspelt word was probably meant to be.
enum NearMiss {
    /// The candidate that is fewest edits away, if that is few enough to be a slip.
    static func suggestion(for word: String, among candidates: [String]) -> String? {
        let limit = max(2, word.count / 3)
        let ranked = candidates.map { (candidate: $0, distance: Self.distance(word, $0)) }.min { $0.distance < $1.distance }
        guard let best = ranked, best.distance <= limit else { return nil }
        return best.candidate
    }

    /// Number of single characters to insert, delete or replace (Levenshtein).
    static func distance(_ left: String, _ right: String) -> Int {
        let right = Array(right)
        var row = Array(0...right.count)
        for (index, character) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in row.indices.dropFirst() {
                let substitution = diagonal + (right[column - 1] == character ? 0 : 1)
                diagonal = row[column]
                row[column] = min(substitution, row[column] + 1, row[column - 1] + 1)
            }
        }
        return row[right.count]
    }
}
