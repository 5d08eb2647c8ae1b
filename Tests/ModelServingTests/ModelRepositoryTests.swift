// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ModelServing

@Suite("The repository of models")
struct ModelRepositoryTests {
    private static let failure = RequestError(.dataLoss, "bad block")

    private func repository(isStarted: Bool = true) -> ModelRepository {
        let repository = ModelRepository()
        var model = ServedModel(name: "m", basePath: "/m")
        model.labels = ["stable": 3]
        repository.want([model])
        repository.set(.end, failure: Self.failure, of: "m", version: 3)
        repository.set(.loading, of: "m", version: 2)
        if isStarted { repository.setStarted() }
        return repository
    }

    @Test(
        "versions that are not there are told as TensorFlow Serving tells them",
        arguments: [
            ("m", .latest, .notFound, "Servable not found for request: Latest(m)"),
            ("x", .latest, .notFound, "Servable not found for request: Latest(x)"),
            ("m", .number(3), .notFound, "Servable not found for request: Specific(m, 3)"),
            ("m", .number(0), .notFound, "Servable not found for request: Specific(m, 0)"),
            ("m", .label("stable"), .notFound, "Servable not found for request: Specific(m, 3)"),
            ("m", .label("canary"), .invalidArgument, "Unrecognized servable version label: canary"),
            ("x", .label("stable"), .invalidArgument, "Unrecognized servable version label: stable"),
        ] as [(String, VersionChoice, RequestError.Code, String)])
    func lookup(name: String, choice: VersionChoice, code: RequestError.Code, message: String) {
        #expect(throws: RequestError(code, message)) { try self.repository().model(name, choice) }
    }

    @Test("before the models were tried, nobody hears the word that clients wait for, but the reason")
    func starting() throws {
        let repository = self.repository(isStarted: false)
        let error = #expect(throws: RequestError.self) { try repository.model("missing", .latest) }
        #expect(error == RequestError(.unavailable, "the server is not ready: m: version 3 could not be loaded: bad block"))
        repository.setObstacle(RequestError(.unavailable, "no key"))
        #expect(throws: RequestError(.unavailable, "the server is not ready: no key")) { try repository.model("missing", .number(1)) }
        #expect(repository.readiness.obstacle == "no key")
    }

    @Test("a status lists the highest version first and keeps the reason of a failure")
    func statuses() throws {
        let all = try self.repository().statuses(of: "m", version: nil)
        #expect(all.map(\.version) == [3, 2])
        #expect(all.map(\.state) == [.end, .loading])
        #expect(all.map(\.failure) == [Self.failure, nil])
        #expect(try self.repository().statuses(of: "m", version: 2).map(\.state) == [.loading])
        #expect(throws: RequestError(.notFound, "Could not find version 4 of model m")) { try self.repository().statuses(of: "m", version: 4) }
        #expect(throws: RequestError(.notFound, "Could not find any versions of model ")) { try self.repository().statuses(of: "", version: nil) }
    }

    @Test("readiness names each model and why it cannot answer")
    func readiness() {
        let readiness = self.repository().readiness
        #expect(!readiness.isReady)
        #expect(readiness.models == [.init(name: "m", version: nil, reason: "version 3 could not be loaded: bad block")])
        #expect(ModelRepository().readiness.isReady)
    }

    @Test("that the server ends is known wherever runs are let in, and told to who waits", .timeLimit(.minutes(1)))
    func draining() async throws {
        let admission = Admission()
        let repository = ModelRepository(admission: admission)
        async let waiting: Void = repository.wait { $0.isDraining }
        #expect(!admission.isDraining)
        repository.beginDraining()
        try await waiting
        #expect(admission.isDraining)
    }

    @Test("who waits for a state is told of it")
    func waiting() async throws {
        let repository = self.repository()
        async let waiting: Void = repository.wait { $0.statuses(of: "m").first?.version == 9 }
        repository.set(.start, of: "m", version: 9)
        try await waiting
    }
}
