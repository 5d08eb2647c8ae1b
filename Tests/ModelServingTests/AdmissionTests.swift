// SPDX-License-Identifier: Apache-2.0

import TensorFlowRuntime
import Testing

@testable import ModelServing

@Suite("How many requests are taken on", .timeLimit(.minutes(1)))
struct AdmissionTests {
    private static func model(_ session: DoublingSession, limit: Int) -> LoadedModel {
        LoadedModel(
            name: "m", version: 1, signatures: [:], resources: ModelResources(runner: session), admission: Admission(limit: limit),
            metrics: ServingMetrics())
    }

    private static func ask(_ model: LoadedModel, _ value: Float) async throws -> [Float]? {
        try await model.run(feeds: [("x", try Tensor([value], shape: [1, 1]))], fetches: ["y"], timeout: nil).first?.values()
    }

    @Test("what is beyond the limit is refused with RESOURCE_EXHAUSTED, and has a place again when another is done")
    func limit() async throws {
        let session = DoublingSession(isHeld: true)
        let model = Self.model(session, limit: 2)
        let first = Task { try await Self.ask(model, 1) }
        let second = Task { try await Self.ask(model, 2) }
        await session.waitForRuns(2)
        let refusal = await #expect(throws: RequestError.self) { try await Self.ask(model, 3) }
        #expect(refusal?.code == .resourceExhausted)
        #expect(refusal?.message == "the server has 2 requests under way, as many as it takes at once (--max-pending-requests)")
        session.release()
        #expect(try await [first.value, second.value] == [[2], [4]])
        #expect(try await Self.ask(model, 4) == [8])
    }

    @Test("0 is no limit")
    func unlimited() async throws {
        let session = DoublingSession(isHeld: true)
        let model = Self.model(session, limit: 0)
        let tasks = (0..<100).map { number in Task { try await Self.ask(model, Float(number)) } }
        await session.waitForRuns(tasks.count)
        session.release()
        for (number, task) in tasks.enumerated() { #expect(try await task.value == [Float(number) * 2]) }
    }
}
