// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Counts that only grow, one for each combination of label values.
package final class Counter: Sendable {
    package let name: String
    private let labels: [String]
    private let cells = Mutex<[[String]: Int64]>([:])

    /// - Parameters:
    ///   - name: as TensorFlow Serving names it: a path.
    ///   - labels: names of the labels, in the order in which their values are given.
    package init(_ name: String, labels: [String]) {
        self.name = name
        self.labels = labels
    }

    /// Adds to the cell of these label values.
    package func add(_ amount: Int64 = 1, _ values: String...) {
        precondition(values.count == self.labels.count, "\(self.name) has \(self.labels.count) labels")
        self.cells.withLock { $0[values, default: 0] += amount }
    }

    /// The count of these label values.
    package func value(_ values: String...) -> Int64 { self.cells.withLock { $0[values] ?? 0 } }

    /// The sum of all cells.
    package var total: Int64 { self.cells.withLock { $0.values.reduce(0, +) } }
}

extension Counter: MetricFamily {
    func lines(_ name: String) -> [String] {
        let cells = self.cells.withLock { $0 }
        return ["# TYPE \(name) counter"]
            + cells.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { values, count in
                "\(name){\(MetricText.labels(self.labels, values))} \(count)"
            }
    }
}
