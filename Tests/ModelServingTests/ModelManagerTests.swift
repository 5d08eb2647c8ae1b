// SPDX-License-Identifier: Apache-2.0

import Foundation
import SwiftProtobuf
import Synchronization
import TensorFlowProtos
import TensorFlowRuntime
import TestSupport
import Testing

@testable import ModelServing

/// Loads versions that compute nothing, or fails as it is told to.
final class FakeLoader: ModelLoading {
    struct Runner: ModelRunning {
        func run(_ request: RunRequest) async throws -> [Tensor] { [] }
        func close() async {}
    }

    private let state = Mutex<(failures: [Int64: any Error], loads: [Int64])>(([:], []))

    /// Every load so far, in order.
    var loads: [Int64] { self.state.withLock { $0.loads } }

    func fail(_ version: Int64, with error: (any Error)?) { self.state.withLock { $0.failures[version] = error } }

    func load(_ model: ServedModel, _ version: ServableFolder.Version) async throws -> LoadedModel {
        let failure = self.state.withLock { state in
            state.loads.append(version.number)
            return state.failures[version.number]
        }
        if let failure { throw failure }
        return LoadedModel(
            name: model.name, version: version.number, signatures: [:], resources: ModelResources(runner: Runner()), admission: Admission(),
            metrics: ServingMetrics())
    }
}

/// A manager over folders of a scratch folder, without models in them and with time standing still.
struct ManagerFixture {
    let scratch: ScratchFolder
    let repository = ModelRepository()
    let loader = FakeLoader()
    let clock = ManualClock()
    /// What was logged.
    let lines = Lines()

    init() throws { self.scratch = try ScratchFolder() }

    func add(_ version: String, to model: String = "m") throws { try self.scratch.write([0], to: "\(model)/\(version)/saved_model.pb") }

    func remove(_ version: String, from model: String = "m") throws {
        try FileManager.default.removeItem(atPath: self.scratch.file("\(model)/\(version)"))
    }

    func model(_ name: String = "m", _ change: (inout ServedModel) -> Void = { _ in }) -> ServedModel {
        var model = ServedModel(name: name, basePath: self.scratch.file(name))
        change(&model)
        return model
    }

    /// Runs a manager for as long as `body` runs.
    func managing(
        _ models: [ServedModel], _ change: (inout ManagerOptions) -> Void = { _ in },
        _ body: @escaping @Sendable (ModelManager) async throws -> Void
    ) async throws {
        var options = ManagerOptions()
        options.retries.count = 0
        change(&options)
        let manager = try ModelManager(
            ModelConfiguration(checked: models), repository: self.repository, loader: self.loader, options: options, clock: self.clock,
            log: { self.lines.add($0) })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await manager.run() }
            group.addTask { try await body(manager) }
            try await group.next()
            group.cancelAll()
        }
    }

    /// Waits until the versions have these states.
    func wait(for states: [Int64: ModelRepository.State], of model: String = "m") async throws {
        try await self.repository.wait { repository in
            Dictionary(uniqueKeysWithValues: repository.statuses(of: model).map { ($0.version, $0.state) }) == states
        }
    }

    /// Lets one period of polling go by.
    func poll() async {
        await self.clock.waitForSleepers(1)
        self.clock.advance(by: .seconds(1))
    }
}

@Suite("Managing models", .timeLimit(.minutes(1)))
struct ModelManagerTests {
    @Test("the latest version is served; a new one takes its place, and requests never miss a version")
    func newVersion() async throws {
        let fixture = try ManagerFixture()
        try fixture.add("1")
        try await fixture.managing([fixture.model()]) { _ in
            try await fixture.wait(for: [1: .available])
            let held = try fixture.repository.model("m", .latest)
            try fixture.add("2")
            await fixture.poll()
            // Version 1 is held by a request, and so cannot end yet.
            try await fixture.wait(for: [1: .unloading, 2: .available])
            #expect(try fixture.repository.model("m", .latest).version == 2)
            #expect(throws: RequestError(.notFound, "Servable not found for request: Specific(m, 1)")) {
                try fixture.repository.model("m", .number(1))
            }
            #expect(held.version == 1)
        }
    }

    @Test("of two folders for one version the later in order is served, with a warning that is given once")
    func twoFolders() async throws {
        let fixture = try ManagerFixture()
        try fixture.add("7")
        try fixture.add("007")
        try await fixture.managing([fixture.model { $0.policy = .specific([7, 9]) }]) { _ in
            try await fixture.wait(for: [7: .available])
            await fixture.poll()
            await fixture.clock.waitForSleepers(1)
            let folder = fixture.scratch.file("m")
            #expect(
                fixture.lines.all.filter { $0.hasPrefix("WARNING") } == [
                    "WARNING: Duplicate version directories of servable m under base path \(folder): version 7 is 7, and 007 is passed over. "
                        + "Version(s) [9] of servable m requested by its policy are not under \(folder)"
                ])
        }
    }

    @Test("a version ends when the last request lets go of it")
    func ending() async throws {
        let fixture = try ManagerFixture()
        try fixture.add("1")
        try await fixture.managing([fixture.model()]) { _ in
            try await fixture.wait(for: [1: .available])
            try fixture.remove("1")
            await fixture.poll()
            try await fixture.wait(for: [1: .end])
            #expect(fixture.repository.statuses(of: "m").first?.failure == nil)
        }
    }

    @Test(
        "policies choose among the versions",
        arguments: [(VersionPolicy.latest(2), [2, 3]), (.all, [1, 2, 3]), (.specific([1, 3, 7]), [1, 3])] as [(VersionPolicy, [Int64])])
    func policies(policy: VersionPolicy, expected: [Int64]) async throws {
        let fixture = try ManagerFixture()
        for version in ["1", "2", "3"] { try fixture.add(version) }
        try await fixture.managing([fixture.model { $0.policy = policy }]) { _ in
            try await fixture.wait(for: Dictionary(uniqueKeysWithValues: expected.map { ($0, .available) }))
        }
    }

    @Test("a version that cannot be loaded leaves the old one serving and says why")
    func failingVersion() async throws {
        let fixture = try ManagerFixture()
        try fixture.add("1")
        fixture.loader.fail(2, with: RequestError(.dataLoss, "bad block"))
        try await fixture.managing([fixture.model()]) { _ in
            try await fixture.wait(for: [1: .available])
            try fixture.add("2")
            await fixture.poll()
            try await fixture.wait(for: [1: .available, 2: .end])
            #expect(fixture.repository.statuses(of: "m").map(\.failure) == [RequestError(.dataLoss, "bad block"), nil])
            #expect(try fixture.repository.model("m", .latest).version == 1)
            #expect(fixture.repository.readiness.isReady)
        }
    }

    @Test("a failed load is tried again, its reason to be seen meanwhile")
    func retries() async throws {
        let fixture = try ManagerFixture()
        try fixture.add("1")
        fixture.loader.fail(1, with: RequestError(.unavailable, "not yet"))
        try await fixture.managing([fixture.model()], { $0.retries.count = 5 }) { _ in
            try await fixture.repository.wait { $0.statuses(of: "m").first?.failure != nil }
            #expect(fixture.repository.statuses(of: "m").map(\.state) == [.loading])
            #expect(fixture.repository.readiness.models.first?.reason == "version 1 cannot be loaded yet: not yet")
            fixture.loader.fail(1, with: nil)
            await fixture.clock.waitForSleepers(2)
            fixture.clock.advance(by: .seconds(60))
            try await fixture.wait(for: [1: .available])
            #expect(fixture.loader.loads == [1, 1])
        }
    }

    @Test("without its key a model is not ready, says which check failed, and is tried again without end")
    func missingKey() async throws {
        let fixture = try ManagerFixture()
        try fixture.add("1")
        let refusal = ServingError(.badKey, "measurement not in the policy")
        fixture.loader.fail(1, with: WaitingForKey(reason: refusal))
        try await fixture.managing([fixture.model()]) { _ in
            try await fixture.repository.wait { $0.statuses(of: "m").first?.failure != nil }
            #expect(fixture.repository.readiness.models.first?.reason == "version 1 cannot be loaded yet: measurement not in the policy [bad-key]")
            let error = #expect(throws: RequestError.self) { try fixture.repository.model("m", .latest) }
            #expect(error?.code == .unavailable)
            await fixture.clock.waitForSleepers(2)
            fixture.clock.advance(by: .seconds(1))
            await fixture.clock.waitForSleepers(2)
            fixture.loader.fail(1, with: nil)
            fixture.clock.advance(by: .seconds(60))
            try await fixture.wait(for: [1: .available])
        }
    }

    @Test("a folder that is missing is told and waited for, and does not keep other models from being served")
    func missingFolder() async throws {
        let fixture = try ManagerFixture()
        try fixture.add("1", to: "other")
        try await fixture.managing([fixture.model(), fixture.model("other")]) { _ in
            try await fixture.wait(for: [1: .available], of: "other")
            let isStarted = fixture.repository.isStarted
            #expect(!isStarted)
            let reason = fixture.repository.readiness.models.first?.reason ?? ""
            #expect(reason.contains("[missing-model-folder]"))
            try fixture.add("7")
            await fixture.poll()
            try await fixture.wait(for: [7: .available])
            try await fixture.repository.wait { $0.isStarted }
        }
    }

    @Test("when failures are to end the server, the first does, as it is")
    func endingOnFailure() async throws {
        let fixture = try ManagerFixture()
        try fixture.add("1")
        fixture.loader.fail(1, with: WaitingForKey(reason: ServingError(.badKey, "refused")))
        await #expect(throws: ServingError(.badKey, "refused")) {
            try await fixture.managing([fixture.model()], { $0.endsOnFailure = true }) { _ in try await fixture.repository.wait { _ in false } }
        }
    }

    @Test("a single look and none at all")
    func noPolling() async throws {
        let fixture = try ManagerFixture()
        try fixture.add("1")
        try await fixture.managing([fixture.model()], { $0.pollInterval = .zero }) { manager in
            try await fixture.wait(for: [1: .available])
            try fixture.add("2")
            manager.lookNow()
            try await fixture.wait(for: [1: .end, 2: .available])
        }
    }
}

@Suite("Following a new list of models", .timeLimit(.minutes(1)))
struct ModelReloadTests {
    private static func config(_ models: [ServedModel]) -> Tensorflow_Serving_ModelServerConfig {
        .with {
            $0.modelConfigList.config = models.map { model in
                .with {
                    $0.name = model.name
                    $0.basePath = model.basePath
                    $0.modelPlatform = "tensorflow"
                    $0.versionLabels = model.labels
                }
            }
        }
    }

    @Test("a model is added and waited for, another one dropped; the one that is kept is not loaded again")
    func addAndDrop() async throws {
        let fixture = try ManagerFixture()
        for model in ["a", "b", "c"] { try fixture.add("1", to: model) }
        try await fixture.managing([fixture.model("a"), fixture.model("b")]) { manager in
            try await fixture.repository.wait { $0.isStarted }
            try await manager.reload(Self.config([fixture.model("b"), fixture.model("c")]))
            #expect(try fixture.repository.model("c", .latest).version == 1)
            #expect(try fixture.repository.model("b", .latest).version == 1)
            try await fixture.wait(for: [1: .end], of: "a")
            #expect(fixture.loader.loads.count == 3)
        }
    }

    @Test("a new model that cannot be loaded fails the call with its reason")
    func failing() async throws {
        let fixture = try ManagerFixture()
        try fixture.add("1", to: "a")
        try fixture.add("2", to: "bad")
        fixture.loader.fail(2, with: RequestError(.dataLoss, "bad block"))
        try await fixture.managing([fixture.model("a")]) { manager in
            try await fixture.repository.wait { $0.isStarted }
            await #expect(
                throws: RequestError(
                    .unknown, "1 model(s) did not become available: {{{name: bad version: 2} due to error: DATA_LOSS: bad block}, }")
            ) {
                try await manager.reload(Self.config([fixture.model("a"), fixture.model("bad")]))
            }
        }
    }

    @Test("labels stand for versions that can be asked, unless they may wait for them")
    func labels() async throws {
        let fixture = try ManagerFixture()
        try fixture.add("1")
        let labelled = fixture.model { $0.labels = ["stable": 1] }
        let early = fixture.model { $0.labels = ["stable": 1, "canary": 9] }
        let refusal = RequestError(
            .failedPrecondition, "Request to assign label to version 9 of model m, which is not currently available for inference")
        try await fixture.managing([fixture.model()]) { manager in
            try await fixture.wait(for: [1: .available])
            try await manager.reload(Self.config([labelled]))
            #expect(try fixture.repository.model("m", .label("stable")).version == 1)
            await #expect(throws: refusal) { try await manager.reload(Self.config([early])) }
            #expect(try fixture.repository.model("m", .label("stable")).version == 1)
        }
    }

    @Test("with labels for unavailable versions allowed, new labels may wait, but none is moved away from a version that serves")
    func earlyLabels() async throws {
        let fixture = try ManagerFixture()
        try fixture.add("1")
        let early = fixture.model { $0.labels = ["stable": 1, "canary": 9] }
        let moved = fixture.model { $0.labels = ["stable": 9] }
        try await fixture.managing([early], { $0.allowsLabelsForUnavailable = true }) { manager in
            try await fixture.wait(for: [1: .available])
            #expect(try fixture.repository.model("m", .label("stable")).version == 1)
            #expect(throws: RequestError(.notFound, "Servable not found for request: Specific(m, 9)")) {
                try fixture.repository.model("m", .label("canary"))
            }
            await #expect(throws: RequestError.self) { try await manager.reload(Self.config([moved])) }
        }
    }

    @Test("labels in the first list are refused unless they may wait")
    func labelsAtStart() throws {
        let fixture = try ManagerFixture()
        let labelled = fixture.model { $0.labels = ["stable": 1] }
        let error = #expect(throws: RequestError.self) {
            try ModelManager(ModelConfiguration(labelled), repository: fixture.repository, loader: fixture.loader, log: { _ in })
        }
        #expect(error?.code == .failedPrecondition)
    }

    @Test("a reload waits until the one before has its models, and is not followed when it is given up")
    func oneAfterAnother() async throws {
        let fixture = try ManagerFixture()
        for model in ["a", "c"] { try fixture.add("1", to: model) }
        try await fixture.managing([fixture.model("a")]) { manager in
            try await fixture.repository.wait { $0.isStarted }
            let first = Task { try await manager.reload(Self.config([fixture.model("b")])) }
            try await fixture.repository.wait { $0.readiness.models.map(\.name) == ["b"] }
            let second = Task { try await manager.reload(Self.config([fixture.model("a")])) }
            await fixture.lines.wait { $0.contains("WARNING: \(ModelManager.waitingWords)") }
            second.cancel()
            await #expect(throws: CancellationError.self) { try await second.value }
            let third = Task { try await manager.reload(Self.config([fixture.model("c")])) }
            try fixture.add("1", to: "b")
            manager.lookNow()
            try await first.value
            try await third.value
            #expect(fixture.repository.readiness.models.map(\.name) == ["c"])
            try await fixture.wait(for: [1: .end], of: "b")
        }
    }

    @Test("a file that is read again while a reload waits for its models is followed after it, and the log says that it waits")
    func fileInTurn() async throws {
        let fixture = try ManagerFixture()
        for model in ["a", "c"] { try fixture.add("1", to: model) }
        let entry = "config { name: 'c' base_path: '\(fixture.scratch.file("c"))' model_platform: 'tensorflow' }"
        let file = try fixture.scratch.write(Array("model_config_list { \(entry) }".utf8), to: "models.config")
        try await fixture.managing([fixture.model("a")], { $0.configurationFile = file }) { manager in
            try await fixture.repository.wait { $0.isStarted }
            let reload = Task { try await manager.reload(Self.config([fixture.model("without-versions")])) }
            try await fixture.repository.wait { $0.readiness.models.map(\.name) == ["without-versions"] }
            manager.reloadFile()
            await fixture.lines.wait { $0.contains("WARNING: \(ModelManager.waitingWords)") }
            #expect(fixture.repository.readiness.models.map(\.name) == ["without-versions"])
            reload.cancel()
            await #expect(throws: CancellationError.self) { try await reload.value }
            try await fixture.wait(for: [1: .available], of: "c")
        }
    }

    @Test("a reload that is given up while it waits for its models makes room for the next one")
    func givenUp() async throws {
        let fixture = try ManagerFixture()
        for model in ["a", "c"] { try fixture.add("1", to: model) }
        try await fixture.managing([fixture.model("a")]) { manager in
            try await fixture.repository.wait { $0.isStarted }
            let first = Task { try await manager.reload(Self.config([fixture.model("without-versions")])) }
            try await fixture.repository.wait { $0.readiness.models.map(\.name) == ["without-versions"] }
            let second = Task { try await manager.reload(Self.config([fixture.model("c")])) }
            first.cancel()
            await #expect(throws: CancellationError.self) { try await first.value }
            try await second.value
            #expect(try fixture.repository.model("c", .latest).version == 1)
        }
    }

    @Test("a configuration that lists nothing is refused")
    func noList() async throws {
        let fixture = try ManagerFixture()
        let manager = try ModelManager(ModelConfiguration(fixture.model()), repository: fixture.repository, loader: fixture.loader, log: { _ in })
        let error = await #expect(throws: RequestError.self) { try await manager.reload(.init()) }
        #expect(error?.message.hasPrefix("ServerModelConfig type not supported by HandleReloadConfigRequest.") == true)
    }

    @Test("the file is read again every period; one that cannot be read leaves the old list")
    func file() async throws {
        let fixture = try ManagerFixture()
        for model in ["a", "b"] { try fixture.add("1", to: model) }
        @Sendable func text(_ names: [String]) -> [UInt8] {
            let entries = names.map { "config { name: '\($0)' base_path: '\(fixture.scratch.file($0))' model_platform: 'tensorflow' }" }
            return Array("model_config_list { \(entries.joined(separator: " ")) }".utf8)
        }
        let file = try fixture.scratch.write(text(["a"]), to: "models.config")
        try await fixture.managing(
            [fixture.model("a")],
            {
                $0.configurationFile = file
                $0.configurationPollInterval = .seconds(1)
            }
        ) { manager in
            try await fixture.repository.wait { $0.isStarted }
            try fixture.scratch.write(Array("nonsense".utf8), to: "models.config")
            await fixture.clock.waitForSleepers(2)
            fixture.clock.advance(by: .seconds(1))
            await fixture.clock.waitForSleepers(2)
            #expect(try fixture.repository.model("a", .latest).version == 1)
            try fixture.scratch.write(text(["a", "b"]), to: "models.config")
            fixture.clock.advance(by: .seconds(1))
            try await fixture.wait(for: [1: .available], of: "b")
        }
    }
}
