// SPDX-License-Identifier: Apache-2.0

import SavedModels
import SwiftProtobuf
import Synchronization
import TensorFlowProtos
import TensorFlowRuntime
import Testing

@testable import ModelServing

/// A session that doubles what it is fed, and keeps each run waiting until the test lets it go.
final class DoublingSession: ModelRunning {
    private struct State {
        var runs: [RunRequest] = []
        var isHeld: Bool
        var held: [CheckedContinuation<Void, Never>] = []
        var observers: [(Int, CheckedContinuation<Void, Never>)] = []
    }

    private let state: Mutex<State>

    init(isHeld: Bool = false) { self.state = Mutex(State(isHeld: isHeld)) }

    /// The rows of each run so far.
    var sizes: [Int] { self.state.withLock { $0.runs.map { $0.feeds.first?.tensor.shape.first ?? 0 } } }
    var runs: [RunRequest] { self.state.withLock { $0.runs } }

    func run(_ request: RunRequest) async throws -> [Tensor] {
        await withCheckedContinuation { continuation in
            let (isHeld, observers) = self.state.withLock { state in
                state.runs.append(request)
                if state.isHeld { state.held.append(continuation) }
                defer { state.observers.removeAll { $0.0 <= state.runs.count } }
                return (state.isHeld, state.observers.filter { $0.0 <= state.runs.count }.map(\.1))
            }
            for observer in observers { observer.resume() }
            if !isHeld { continuation.resume() }
        }
        return try request.fetches.map { fetch in
            guard let feed = request.feeds.first?.tensor else { throw RequestError(.internalError, "nothing fed") }
            if let strings = feed.strings { return try Tensor(strings: strings.map { $0 + $0 }, shape: feed.shape) }
            guard let values: [Float] = feed.values() else { throw RequestError(.invalidArgument, "to be float") }
            switch fetch {
            case "scalar": return try Tensor([Float(1)], shape: [])
            case "wrong": return try Tensor([Float(1)], shape: [1])
            default: return try Tensor(values.map { $0 * 2 }, shape: feed.shape)
            }
        }
    }

    func close() async {}

    /// Lets all held runs go, and holds no more.
    func release() {
        let held = self.state.withLock { state in
            state.isHeld = false
            defer { state.held = [] }
            return state.held
        }
        for continuation in held { continuation.resume() }
    }

    /// Waits until so many runs have begun.
    func waitForRuns(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = self.state.withLock { state in
                if state.runs.count >= count { return true }
                state.observers.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }
}

@Suite("Batching", .timeLimit(.minutes(1)))
struct BatchingTests {
    struct Fixture {
        let session: DoublingSession
        let runner: BatchRunner
        let scheduler: BatchScheduler
        let clock = ManualClock()
        let metrics = ServingMetrics()

        init(isHeld: Bool = true, _ change: (inout Tensorflow_Serving_BatchingParameters) -> Void = { _ in }) throws {
            var proto = Tensorflow_Serving_BatchingParameters()
            proto.numBatchThreads = .init(1)
            change(&proto)
            let parameters = try BatchingParameters(proto, processors: 1)
            self.session = DoublingSession(isHeld: isHeld)
            self.scheduler = BatchScheduler(threads: parameters.threads, clock: self.clock)
            self.runner = BatchRunner(self.session, name: "m", parameters: parameters, scheduler: self.scheduler, metrics: self.metrics)
        }

        func ask(_ values: [Float], shape: [Int]? = nil, fetches: [String] = ["y"], deadline: ContinuousClock.Instant? = nil) async throws -> [Float]
        {
            let feed = try Tensor(values, shape: shape ?? [values.count, 1])
            let outputs = try await self.runner.run(RunRequest(feeds: [("x", feed)], fetches: fetches, deadline: deadline))
            return outputs.first?.values() ?? []
        }

        /// Occupies the only thread.
        func occupy() -> Task<[Float], any Error> { Task { try await self.ask([0]) } }
    }

    @Test("requests that wait together run together, and each gets its own rows")
    func together() async throws {
        let fixture = try Fixture()
        let first = fixture.occupy()
        await fixture.session.waitForRuns(1)
        async let one = fixture.ask([1])
        async let two = fixture.ask([2, 3])
        async let three = fixture.ask([4])
        try await fixture.enqueued(4)
        fixture.session.release()
        let answers = try await [one, two, three]
        #expect(answers == [[2], [4, 6], [8]])
        let others = try await first.value
        #expect(others == [0])
        #expect(fixture.session.sizes == [1, 4])
    }

    @Test("a request that does not fit begins a new batch; one larger than any is refused")
    func sizes() async throws {
        let fixture = try Fixture { $0.maxBatchSize = .init(3) }
        let first = fixture.occupy()
        await fixture.session.waitForRuns(1)
        async let one = fixture.ask([1, 2])
        try await fixture.enqueued(2)
        async let two = fixture.ask([3, 4])
        try await fixture.enqueued(3)
        await #expect(throws: RequestError(.invalidArgument, "Task size 4 is larger than maximum input batch size 3")) {
            try await fixture.ask([1, 2, 3, 4])
        }
        fixture.session.release()
        let answers = try await [one, two]
        #expect(answers == [[2, 4], [6, 8]])
        _ = try await first.value
        #expect(fixture.session.sizes == [1, 2, 2])
    }

    @Test("a full queue answers UNAVAILABLE in TensorFlow Serving's words")
    func full() async throws {
        let fixture = try Fixture {
            $0.maxBatchSize = .init(1)
            $0.maxEnqueuedBatches = .init(1)
        }
        let first = fixture.occupy()
        await fixture.session.waitForRuns(1)
        async let one = fixture.ask([1])
        try await fixture.enqueued(2)
        await #expect(
            throws: RequestError(
                .unavailable,
                "The batch scheduling queue to which this task was submitted is full; currently 1 batches enqueued and max_enqueued_batches is 1")
        ) { try await fixture.ask([2]) }
        fixture.session.release()
        let answers = try await one
        #expect(answers == [2])
        _ = try await first.value
    }

    @Test("a batch waits for others as long as it may, and not when it is full")
    func timeout() async throws {
        let fixture = try Fixture(isHeld: false) {
            $0.batchTimeoutMicros = .init(1000)
            $0.maxBatchSize = .init(2)
        }
        async let one = fixture.ask([1])
        await fixture.clock.waitForSleepers(1)
        #expect(fixture.session.sizes.isEmpty)
        fixture.clock.advance(by: .microseconds(1000))
        let answers = try await one
        #expect(answers == [2])
        async let two = fixture.ask([2])
        async let three = fixture.ask([3])
        let others = try await [two, three]
        #expect(others == [[4], [6]])
        #expect(fixture.session.sizes == [1, 2])
    }

    @Test("a batch is padded to the next allowed size with its last request's first row, whose outputs nobody sees")
    func allowedSizes() async throws {
        let fixture = try Fixture(isHeld: false) {
            $0.maxBatchSize = .init(8)
            $0.allowedBatchSizes = [4, 8]
        }
        #expect(try await fixture.ask([1, 2, 3]) == [2, 4, 6])
        #expect(try await fixture.ask([5, 6, 7, 8, 9]) == [10, 12, 14, 16, 18])
        #expect(fixture.session.runs.map { $0.feeds[0].tensor.values() } == [[1, 2, 3, 1], [5, 6, 7, 8, 9, 5, 5, 5]] as [[Float]])
    }

    @Test("a request without rows is answered with none, and others in its batch as if it were not there", arguments: [[0, 1], [0, 3]])
    func noRows(shape: [Int]) async throws {
        for isLast in [false, true] {
            let fixture = try Fixture {
                $0.maxBatchSize = .init(8)
                $0.allowedBatchSizes = [4, 8]
            }
            let first = fixture.occupy()
            await fixture.session.waitForRuns(1)
            let requests: [(values: [Float], shape: [Int])] = isLast ? [([7], [1, 1]), ([], shape)] : [([], shape), ([7], [1, 1])]
            async let one = fixture.ask(requests[0].values, shape: requests[0].shape)
            try await fixture.enqueued(2)
            async let two = fixture.ask(requests[1].values, shape: requests[1].shape)
            try await fixture.enqueued(3)
            fixture.session.release()
            let answers = try await [one, two]
            #expect(answers == (isLast ? [[14], []] : [[], [14]]))
            _ = try await first.value
            #expect(fixture.session.runs.map { $0.feeds[0].tensor.values() } == [[0, 0, 0, 0], [7, 7, 7, 7]] as [[Float]])
        }
    }

    @Test("a batch without any rows runs as it is")
    func noRowsAtAll() async throws {
        let fixture = try Fixture(isHeld: false) {
            $0.maxBatchSize = .init(8)
            $0.allowedBatchSizes = [4, 8]
        }
        #expect(try await fixture.ask([], shape: [0, 3]) == [])
        #expect(fixture.session.runs.map { $0.feeds[0].tensor.shape } == [[0, 3]])
    }

    @Test("tensors of different shapes fail the batch, or are padded with their first value")
    func shapes() async throws {
        let strict = try Fixture()
        let occupied = strict.occupy()
        await strict.session.waitForRuns(1)
        let narrow = Task { try await strict.ask([1, 2], shape: [1, 2]) }
        try await strict.enqueued(2)
        let wide = Task { try await strict.ask([3, 4, 5], shape: [1, 3]) }
        try await strict.enqueued(3)
        strict.session.release()
        let error = await #expect(throws: RequestError.self) { try await narrow.value }
        #expect(error?.code == .failedPrecondition)
        #expect(error?.message.hasPrefix("Tensors with name 'x' from different tasks have different shapes and padding is turned off.") == true)
        await #expect(throws: RequestError.self) { try await wide.value }
        _ = try await occupied.value

        let lenient = try Fixture { $0.padVariableLengthInputs = true }
        let first = lenient.occupy()
        await lenient.session.waitForRuns(1)
        async let square = lenient.ask([1, 2, 3, 4], shape: [1, 2, 2])
        try await lenient.enqueued(2)
        async let line = lenient.ask([5, 6, 7], shape: [1, 1, 3])
        try await lenient.enqueued(3)
        lenient.session.release()
        let answers = try await square
        #expect(answers == [2, 4, 2, 6, 8, 2])
        let others = try await line
        #expect(others == [10, 12, 14, 10, 10, 10])
        _ = try await first.value
    }

    @Test("a large request is cut over several batches and put together again")
    func splitting() async throws {
        let fixture = try Fixture(isHeld: false) {
            $0.maxBatchSize = .init(10)
            $0.enableLargeBatchSplitting = .init(true)
            $0.maxExecutionBatchSize = .init(4)
        }
        #expect(try await fixture.ask([1, 2, 3, 4, 5, 6, 7, 8, 9]) == [2, 4, 6, 8, 10, 12, 14, 16, 18])
        #expect(fixture.session.sizes == [4, 4, 1])
        let full = try Fixture(isHeld: false) {
            $0.maxBatchSize = .init(10)
            $0.enableLargeBatchSplitting = .init(true)
            $0.maxExecutionBatchSize = .init(4)
            $0.maxEnqueuedBatches = .init(2)
        }
        let error = await #expect(throws: RequestError.self) { try await full.ask([1, 2, 3, 4, 5, 6, 7, 8, 9]) }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("task size is 9 but scheduling capacity is only 8") == true)
    }

    @Test(
        "parameters as large as numbers go are followed",
        arguments: [
            "max_enqueued_batches { value: 9223372036854775807 } enable_large_batch_splitting { value: true } max_execution_batch_size { value: 2 }",
            """
            max_enqueued_batches { value: 9223372036854775807 } enable_large_batch_splitting { value: true }
            max_batch_size { value: 9223372036854775807 }
            """,
            "max_batch_size { value: 9223372036854775807 } num_batch_threads { value: 9223372036854775807 }",
            "batch_timeout_micros { value: 9223372036854775807 } max_batch_size { value: 3 }",
        ])
    func largeParameters(text: String) async throws {
        let parameters = try Tensorflow_Serving_BatchingParameters(textFormatString: text)
        let fixture = try Fixture(isHeld: false) { $0 = parameters }
        #expect(try await fixture.ask([1, 2, 3]) == [2, 4, 6])
    }

    @Test("rows without elements may be as many as numbers go, and are counted without overflow")
    func manyEmptyRows() async throws {
        let fixture = try Fixture { $0.maxBatchSize = .init(.max) }
        let first = fixture.occupy()
        await fixture.session.waitForRuns(1)
        async let one = fixture.ask([1], shape: [1])
        try await fixture.enqueued(2)
        async let many = fixture.ask([], shape: [Int.max, 0])
        try await fixture.enqueued(3)
        fixture.session.release()
        let answers = try await [one, many]
        #expect(answers == [[2], []])
        _ = try await first.value
        #expect(fixture.session.sizes == [1, 1, Int.max])

        let cut = try Fixture(isHeld: false) {
            $0.maxBatchSize = .init(.max)
            $0.maxExecutionBatchSize = .init(2)
            $0.maxEnqueuedBatches = .init(.max)
            $0.enableLargeBatchSplitting = .init(true)
        }
        let error = await #expect(throws: RequestError.self) { try await cut.ask([], shape: [Int.max, 0]) }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("scheduling capacity is only \(2 * BatchingParameters.mostEnqueued)") == true, "\(error?.message ?? "")")
    }

    @Test("padding that would take more memory than there is fails the batch, and does not end the server")
    func largePadding() async throws {
        let wide = try Fixture(isHeld: false) {
            $0.maxBatchSize = .init(.max)
            $0.allowedBatchSizes = [.max]
        }
        let rows = await #expect(throws: RequestError.self) { try await wide.ask([1]) }
        #expect(rows?.code == .resourceExhausted)
        #expect(try await wide.ask([], shape: [1, 0]) == [])

        let lenient = try Fixture { $0.padVariableLengthInputs = true }
        let first = lenient.occupy()
        await lenient.session.waitForRuns(1)
        let tall = Task { try await lenient.ask(Array(repeating: 1, count: 1 << 16), shape: [1, 1 << 16, 1]) }
        try await lenient.enqueued(2)
        let long = Task { try await lenient.ask(Array(repeating: 1, count: 1 << 16), shape: [1, 1, 1 << 16]) }
        try await lenient.enqueued(3)
        lenient.session.release()
        let message =
            "Tensors with name 'x' would be padded to the shape [2, 65536, 65536], with which the batch takes more than "
            + "\(BatchContents.paddingLimit) bytes of padding"
        for request in [tall, long] {
            await #expect(throws: RequestError(.resourceExhausted, message)) { try await request.value }
        }
        _ = try await first.value
    }

    @Test("the padding of all inputs of a batch is counted together", arguments: [(["x", "y"], true), (["x", "y", "z"], false)])
    func paddingOfInputs(names: [String], isTaken: Bool) async throws {
        let fixture = try Fixture { $0.padVariableLengthInputs = true }
        let first = fixture.occupy()
        await fixture.session.waitForRuns(1)
        let runner = fixture.runner
        // Of the 32 strings of an input's two padded rows, 24 are padding, each counted as long as the longest: 100 MiB.
        let longest = [UInt8](repeating: 0, count: (100 << 20) / 24 - MemoryLayout<[UInt8]>.stride)
        let requests = try [[1, 4, 1], [1, 1, 4]].map { shape in
            let feeds = try names.map { ($0, try Tensor(strings: [[], [], [], longest], shape: shape)) }
            return RunRequest(feeds: feeds, fetches: ["y"], deadline: nil)
        }
        let one = Task { try await runner.run(requests[0]) }
        try await fixture.enqueued(2)
        let two = Task { try await runner.run(requests[1]) }
        try await fixture.enqueued(3)
        fixture.session.release()
        _ = try await first.value
        if isTaken {
            #expect(try await one.value.map(\.shape) == [[1, 4, 4]])
            #expect(try await two.value.map(\.shape) == [[1, 4, 4]])
        } else {
            let message =
                "Tensors with name 'z' would be padded to the shape [2, 4, 4], with which the batch takes more than "
                + "\(BatchContents.paddingLimit) bytes of padding"
            await #expect(throws: RequestError(.resourceExhausted, message)) { try await one.value }
            await #expect(throws: RequestError(.resourceExhausted, message)) { try await two.value }
        }
    }

    @Test("rows that allowed_batch_sizes asks for may take more, in proportion to what the requests hold")
    func paddingOfLargeRows() async throws {
        let fixture = try Fixture(isHeld: false) {
            $0.maxBatchSize = .init(5)
            $0.allowedBatchSizes = [5]
        }
        let count = BatchContents.paddingLimit / 4 / MemoryLayout<Int32>.size + 1
        let feed = try Tensor([Int32](repeating: 1, count: count), shape: [1, count])
        // The session's own answer.
        await #expect(throws: RequestError(.invalidArgument, "to be float")) {
            try await fixture.runner.run(RunRequest(feeds: [("x", feed)], fetches: ["y"], deadline: nil))
        }
        #expect(fixture.session.sizes == [5])
    }

    @Test("strings are put together too, and outputs come in the order asked for")
    func strings() async throws {
        let fixture = try Fixture()
        let first = fixture.occupy()
        await fixture.session.waitForRuns(1)
        let runner = fixture.runner
        async let one = runner.run(
            RunRequest(feeds: [("x", try Tensor(strings: [Array("a".utf8)], shape: [1]))], fetches: ["b", "a"], deadline: nil))
        async let two = runner.run(
            RunRequest(feeds: [("x", try Tensor(strings: [Array("c".utf8)], shape: [1]))], fetches: ["a", "b"], deadline: nil))
        try await fixture.enqueued(3)
        fixture.session.release()
        let answers = try await one.map(\.strings)
        #expect(answers == [[Array("aa".utf8)], [Array("aa".utf8)]])
        let others = try await two.map(\.strings)
        #expect(others == [[Array("cc".utf8)], [Array("cc".utf8)]])
        _ = try await first.value
        #expect(fixture.session.sizes == [1, 2])
    }

    @Test(
        "what cannot be batched is refused in TensorFlow Serving's words",
        arguments: [
            ([], "Batching Run() must have at least one input tensor"),
            ([[]], "Batching Run() input tensors must have at least one dimension"),
            ([[2], [1]], "Batching Run() input tensors must have equal 0th-dimension size"),
        ] as [([[Int]], String)])
    func refused(shapes: [[Int]], message: String) async throws {
        let fixture = try Fixture(isHeld: false)
        let feeds = try shapes.enumerated().map { index, shape in
            ("x\(index)", try Tensor([Float](repeating: 0, count: shape.reduce(1, *)), shape: shape))
        }
        await #expect(throws: RequestError(.invalidArgument, message)) {
            try await fixture.runner.run(RunRequest(feeds: feeds, fetches: ["y"], deadline: nil))
        }
    }

    @Test(
        "outputs that have no row for each row that was fed fail the batch",
        arguments: [
            ("scalar", "Batched output tensor has 0 dimensions"),
            ("wrong", "Batched output tensor's 0th dimension does not equal the sum of the 0th dimension sizes of the input tensors"),
        ])
    func outputs(fetch: String, message: String) async throws {
        let fixture = try Fixture(isHeld: false)
        await #expect(throws: RequestError(.failedPrecondition, message)) { try await fixture.ask([1, 2], fetches: [fetch]) }
    }

    @Test("a request of another type does not spoil the batch of others")
    func types() async throws {
        let fixture = try Fixture()
        let first = fixture.occupy()
        await fixture.session.waitForRuns(1)
        async let good = fixture.ask([1])
        try await fixture.enqueued(2)
        let runner = fixture.runner
        let bad = Task { try await runner.run(RunRequest(feeds: [("x", try Tensor([Int32(1)], shape: [1, 1]))], fetches: ["y"], deadline: nil)) }
        try await fixture.enqueued(3)
        fixture.session.release()
        let answers = try await good
        #expect(answers == [2])
        await #expect(throws: RequestError(.invalidArgument, "to be float")) { try await bad.value }
        _ = try await first.value
    }

    @Test("who has gone is taken out of the queue, and the place is free for others")
    func cancellation() async throws {
        let fixture = try Fixture {
            $0.maxBatchSize = .init(1)
            $0.maxEnqueuedBatches = .init(1)
        }
        let first = fixture.occupy()
        await fixture.session.waitForRuns(1)
        let gone = Task { try await fixture.ask([1]) }
        try await fixture.enqueued(2)
        gone.cancel()
        await #expect(throws: CancellationError.self) { try await gone.value }
        async let next = fixture.ask([2])
        try await fixture.enqueued(3)
        fixture.session.release()
        let answers = try await next
        #expect(answers == [4])
        _ = try await first.value
    }

    @Test("a deadline that passes in the queue is told as TensorFlow Serving tells it, and the run is spared")
    func deadline() async throws {
        let fixture = try Fixture()
        let first = fixture.occupy()
        await fixture.session.waitForRuns(1)
        await #expect(throws: BatchRunner.expired) { try await fixture.ask([1], deadline: .now) }
        fixture.session.release()
        _ = try await first.value
        #expect(fixture.session.sizes == [1])
    }

    @Test("a batch runs as long as the most patient of its requests waits")
    func patience() async throws {
        let fixture = try Fixture()
        let first = fixture.occupy()
        await fixture.session.waitForRuns(1)
        let late = ContinuousClock.now + .seconds(1000)
        async let one = fixture.ask([1], deadline: .now + .seconds(500))
        async let two = fixture.ask([2], deadline: late)
        try await fixture.enqueued(3)
        fixture.session.release()
        _ = try await (one, two, first.value)
        #expect(fixture.session.runs.last?.deadline == late)
    }
}

extension BatchingTests.Fixture {
    /// Waits until so many requests were put into queues, those that ran already included.
    func enqueued(_ count: Int) async throws {
        while self.scheduler.enqueuedCount < count { await Task.yield() }
    }
}

@Suite("Batching parameters")
struct BatchingParametersTests {
    @Test("what is not said is as in TensorFlow Serving")
    func defaults() throws {
        let parameters = try BatchingParameters(processors: 3)
        #expect(parameters.maximumBatchSize == 1000)
        #expect(parameters.maximumEnqueued == 10)
        #expect(parameters.threads == 3)
        #expect(parameters.timeout == .zero)
        #expect(parameters.paddedSize(7) == 7)
        #expect(try BatchingParameters(.with { $0.maxEnqueuedBatches = .init(0) }, processors: 1).maximumEnqueued == 1)
    }

    @Test(
        "what cannot be followed is refused in TensorFlow Serving's words",
        arguments: [
            ("num_batch_threads { value: 0 }", "num_batch_threads must be positive; was 0"),
            ("max_batch_size { value: 0 }", "max_batch_size must be positive; was 0"),
            ("batch_timeout_micros { value: -1 }", "batch_timeout_micros must be non-negative; was -1"),
            (
                "max_batch_size { value: 8 } allowed_batch_sizes: [2, 4]",
                "Last entry in allowed_batch_sizes must match max_batch_size; last entry was 4; expected 8"
            ),
            (
                "max_batch_size { value: 8 } allowed_batch_sizes: [4, 2, 8]", "allowed_batch_sizes entries must be monotonically increasing"
            ),
            (
                "max_batch_size { value: 4 } max_execution_batch_size { value: 8 } enable_large_batch_splitting { value: true }",
                "max_batch_size (4) should be larger than or equal to max_execution_batch_size (8)"
            ),
        ])
    func refused(text: String, message: String) throws {
        let proto = try Tensorflow_Serving_BatchingParameters(textFormatString: text)
        #expect(throws: RequestError(.invalidArgument, message)) { try BatchingParameters(proto, processors: 1) }
    }
}
