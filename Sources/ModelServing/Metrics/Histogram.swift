// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// Distributions of a measured value, one for each combination of label values.
package final class Histogram: Sendable {
    /// Limits that grow by a factor, as TensorFlow's exponential buckets.
    package struct Buckets: Sendable {
        let limits: [Double]

        /// The limits `scale`, `scale` x `growth`, and so on, `count` of them.
        package init(scale: Double, growth: Double, count: Int) {
            var limit = scale
            self.limits = (0..<count).map { _ in
                defer { limit *= growth }
                return limit
            }
        }

        /// For times in microseconds.
        package static let microseconds = Buckets(scale: 10, growth: 1.8, count: 33)
    }

    private struct Cell {
        var counts: [Int64]
        var sum = 0.0
    }

    package let name: String
    private let labels: [String]
    private let limits: [Double]
    private let cells = Mutex<[[String]: Cell]>([:])

    package init(_ name: String, labels: [String], buckets: Buckets) {
        self.name = name
        self.labels = labels
        self.limits = buckets.limits
    }

    /// Adds a value to the cell of these label values.
    package func observe(_ value: Double, _ values: String...) { self.observe(value, values) }

    /// Adds a time, in microseconds, to the cell of these label values.
    package func observe(_ time: Duration, _ values: String...) { self.observe(time / .microseconds(1), values) }

    /// How many values the cell of these label values holds.
    package func count(_ values: String...) -> Int64 { self.cells.withLock { $0[values]?.counts.reduce(0, +) ?? 0 } }

    private func observe(_ value: Double, _ values: [String]) {
        precondition(values.count == self.labels.count, "\(self.name) has \(self.labels.count) labels")
        let bucket = self.bucket(of: value)
        self.cells.withLock { cells in
            cells[values, default: Cell(counts: Array(repeating: 0, count: self.limits.count + 1))].counts[bucket] += 1
            cells[values]?.sum += value
        }
    }

    /// The first bucket whose limit the value does not exceed; the last one has no limit.
    private func bucket(of value: Double) -> Int {
        var range = self.limits.indices
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            range = self.limits[middle] < value ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return range.lowerBound
    }
}

extension Histogram: MetricFamily {
    func lines(_ name: String) -> [String] {
        let cells = self.cells.withLock { $0 }
        return ["# TYPE \(name) histogram"]
            + cells.sorted { $0.key.lexicographicallyPrecedes($1.key) }.flatMap { self.lines(name, labels: $0, cell: $1) }
    }

    private func lines(_ name: String, labels values: [String], cell: Cell) -> [String] {
        let labels = MetricText.labels(self.labels, values)
        let limits = self.limits.map { String(format: "%g", $0) } + ["+Inf"]
        var total: Int64 = 0
        let buckets = zip(limits, cell.counts).map { limit, count in
            total += count
            return "\(name)_bucket{\(labels)\(labels.isEmpty ? "" : ",")le=\"\(limit)\"} \(total)"
        }
        return buckets + ["\(name)_sum{\(labels)} \(String(format: "%g", cell.sum))", "\(name)_count{\(labels)} \(total)"]
    }
}
