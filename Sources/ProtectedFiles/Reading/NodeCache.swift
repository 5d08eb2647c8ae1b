// SPDX-License-Identifier: Apache-2.0

/// Decrypted nodes by their number, at most so many at a time.
///
/// Makes room by the clock algorithm: a hand goes round the slots, spares those used since it last came by, and takes the first
/// that was not.
struct NodeCache: Sendable {
    private struct Slot {
        var number: Int
        var node: DecryptedNode
        var isRecent: Bool
    }

    private let capacity: Int
    private var slots: [Slot] = []
    private var slotOfNumber: [Int: Int] = [:]
    private var hand = 0

    init(capacity: Int) { self.capacity = capacity }

    /// The node of that number, if it is kept.
    mutating func node(_ number: Int) -> DecryptedNode? {
        guard let slot = self.slotOfNumber[number] else { return nil }
        self.slots[slot].isRecent = true
        return self.slots[slot].node
    }

    mutating func insert(_ node: DecryptedNode, as number: Int) {
        guard self.capacity > 0, self.slotOfNumber[number] == nil else { return }
        let slot = Slot(number: number, node: node, isRecent: false)
        guard self.slots.count == self.capacity else {
            self.slotOfNumber[number] = self.slots.count
            self.slots.append(slot)
            return
        }
        while self.slots[self.hand].isRecent {
            self.slots[self.hand].isRecent = false
            self.advanceHand()
        }
        self.slotOfNumber[self.slots[self.hand].number] = nil
        self.slotOfNumber[number] = self.hand
        self.slots[self.hand] = slot
        self.advanceHand()
    }

    private mutating func advanceHand() { self.hand = (self.hand + 1) % self.capacity }
}
