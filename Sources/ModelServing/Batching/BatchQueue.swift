// SPDX-License-Identifier: Apache-2.0

/// The batches of one session and one set of tensors that wait for a thread: a pure state machine.
struct BatchQueue {
    /// A part of a request in a batch.
    struct Member {
        let task: BatchTask
        let part: Int
        var size: Int { self.task.parts[self.part].count }
    }

    /// Requests that are run together.
    struct Batch {
        let number: Int
        var members: [Member] = []
        /// Whether it has waited for others as long as it may.
        var isDue = false
        var size: Int { self.members.reduce(0) { $0 + $1.size } }
    }

    let parameters: BatchingParameters
    private var batches: [Batch] = []
    private var nextNumber = 0

    init(_ parameters: BatchingParameters) { self.parameters = parameters }

    /// Whether nothing waits.
    var isEmpty: Bool { self.batches.isEmpty }

    /// How a request of `size` rows is cut over the open batch and new ones.
    ///
    /// - Throws: in TensorFlow Serving's words, when it is too large or the queue is full.
    func parts(of size: Int) throws(RequestError) -> [Range<Int>] {
        let largest = self.parameters.maximumBatchSize
        guard size <= largest else {
            throw RequestError(.invalidArgument, "Task size \(size) is larger than maximum input batch size \(largest)")
        }
        let execution = self.parameters.maximumExecutionSize
        let room = self.batches.last.map { execution - $0.size } ?? execution
        // Without splitting what does not fit into the open batch begins a new one.
        guard self.parameters.splitsRequests else {
            guard size <= room || self.batches.count < self.parameters.maximumEnqueued else { throw self.full() }
            return [0..<size]
        }
        let capacity = Self.rows(of: self.parameters.maximumEnqueued - max(1, self.batches.count), of: execution, and: room)
        guard size <= capacity else { throw self.full(size: size, capacity: capacity) }
        var parts: [Range<Int>] = []
        var start = 0
        while start < size {
            let next = start + min(size - start, parts.isEmpty && room > 0 ? room : execution)
            parts.append(start..<next)
            start = next
        }
        return parts.isEmpty ? [0..<0] : parts
    }

    /// Puts a request into the queue; there must be room for its parts.
    ///
    /// - Returns: the numbers of the batches that were opened.
    mutating func append(_ task: BatchTask) -> [Int] {
        var opened: [Int] = []
        for (part, rows) in task.parts.enumerated() {
            // No batch is larger than the limit, so that the difference cannot overflow, as a sum could.
            if self.batches.last.map({ rows.count > self.parameters.maximumExecutionSize - $0.size }) ?? true {
                self.batches.append(Batch(number: self.nextNumber))
                opened.append(self.nextNumber)
                self.nextNumber += 1
            }
            self.batches[self.batches.count - 1].members.append(Member(task: task, part: part))
        }
        return opened
    }

    /// The time for others to join a batch is over.
    mutating func makeDue(_ number: Int) {
        if let index = self.batches.firstIndex(where: { $0.number == number }) { self.batches[index].isDue = true }
    }

    /// Takes the first batch if it is full, or has waited long enough, or is followed by another one.
    mutating func takeReady() -> Batch? {
        guard let first = self.batches.first else { return nil }
        let isReady =
            self.batches.count > 1 || first.isDue || self.parameters.timeout == .zero || first.size >= self.parameters.maximumExecutionSize
        return isReady ? self.batches.removeFirst() : nil
    }

    /// Takes a request out again.
    ///
    /// - Returns: the request, if a part of it was still there.
    mutating func remove(_ ticket: UInt64) -> BatchTask? {
        var found: BatchTask?
        for index in self.batches.indices {
            found = found ?? self.batches[index].members.first { $0.task.ticket == ticket }?.task
            self.batches[index].members.removeAll { $0.task.ticket == ticket }
        }
        self.batches.removeAll { $0.members.isEmpty }
        return found
    }

    /// The rows of `count` batches of `size`, and `room` more; the largest number where that is beyond it.
    private static func rows(of count: Int, of size: Int, and room: Int) -> Int {
        let (product, overflow) = count.multipliedReportingOverflow(by: size)
        let (sum, carry) = product.addingReportingOverflow(room)
        return overflow || carry ? Int.max : sum
    }

    private func full() -> RequestError {
        RequestError(
            .unavailable,
            "The batch scheduling queue to which this task was submitted is full; currently \(self.batches.count) batches enqueued and "
                + "max_enqueued_batches is \(self.parameters.maximumEnqueued)")
    }

    private func full(size: Int, capacity: Int) -> RequestError {
        RequestError(
            .unavailable,
            "The batch scheduling queue to which this task was submitted is full; task size is \(size) but scheduling capacity is only "
                + "\(capacity) (num_enqueued_batches=\(self.batches.count), max_enqueued_batches=\(self.parameters.maximumEnqueued), "
                + "open_batch_size=\(self.batches.last?.size ?? 0), max_execution_batch_size=\(self.parameters.maximumExecutionSize))")
    }
}
