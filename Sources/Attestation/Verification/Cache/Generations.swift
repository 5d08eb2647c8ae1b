// SPDX-License-Identifier: Apache-2.0

/// A dictionary of bounded size that forgets what was not used for long.
///
/// Entries live in two generations: a full young one becomes the old one, whose rest is forgotten; an old entry that is used becomes young
/// again. So at most twice the capacity is held, and what was used among the last `capacity` entries is always found.
struct Generations<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private let capacity: Int
    private var young: [Key: Value] = [:]
    private var old: [Key: Value] = [:]

    /// - Parameter capacity: number of entries of a generation; 0 keeps nothing.
    init(capacity: Int) { self.capacity = max(0, capacity) }

    var count: Int { self.young.count + self.old.count }

    mutating func value(for key: Key) -> Value? {
        if let value = self.young[key] { return value }
        guard let value = self.old.removeValue(forKey: key) else { return nil }
        self.insert(value, for: key)
        return value
    }

    mutating func insert(_ value: Value, for key: Key) {
        guard self.capacity > 0 else { return }
        if self.young.count >= self.capacity, self.young[key] == nil {
            self.old = self.young
            self.young = [:]
        }
        self.old[key] = nil
        self.young[key] = value
    }
}
