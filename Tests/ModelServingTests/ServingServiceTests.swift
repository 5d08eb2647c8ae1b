// SPDX-License-Identifier: Apache-2.0

import Foundation
import ModelClient
import SavedModels
import SwiftProtobuf
import TensorFlowProtos
import TestSupport
import Testing

@testable import ModelServing

@Suite(
    "A running model server, over loopback", .timeLimit(.minutes(2)),
    .enabled(if: VersionsFixture.isAvailable, "needs TensorFlow's library and TensorFlow Serving's models"))
struct ServingServiceTests {
    @Test("versions are exchanged under load without a failed request")
    func exchange() async throws {
        let fixture = try VersionsFixture()
        try await fixture.asking(fixture.options) { client, service in
            try await withThrowingTaskGroup(of: Set<Int64>.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        var versions: Set<Int64> = []
                        while !versions.contains(126) {
                            let answer = try await client.predict(model: "half", inputs: VersionsFixture.x)
                            #expect(answer.outputs["y"]?.numbers == [2.5, 3, 4.5])
                            versions.insert(answer.version)
                        }
                        return versions
                    }
                }
                for version in 124...126 {
                    try fixture.add(version)
                    service.reload()
                    try await service.repository.wait { repository in
                        repository.statuses(of: "half").first { $0.version == version }?.state == .available
                            && repository.statuses(of: "half").first { $0.version == version - 1 }?.state == .end
                    }
                }
                for try await versions in group { #expect(versions.contains(126)) }
            }
            let status = try await client.status(model: "half")
            #expect(status.map(\.version) == [126, 125, 124, 123])
            #expect(status.map(\.state) == ["AVAILABLE", "END", "END", "END"])
        }
    }

    @Test("a version that cannot be loaded leaves the old one serving, and its status says why")
    func broken() async throws {
        let fixture = try VersionsFixture()
        try await fixture.asking(fixture.options) { client, service in
            try fixture.server.scratch.write([8, 1], to: "models/half/201/other")
            service.reload()
            try await service.repository.wait { $0.statuses(of: "half").first?.state == .end }
            let failures = service.repository.statuses(of: "half").map(\.failure)
            #expect(failures.first??.code == .notFound)
            #expect(failures.first??.message.hasPrefix("Specified file path does not appear to contain a SavedModel bundle") == true)
            #expect(try await client.predict(model: "half", inputs: VersionsFixture.x).version == 123)
        }
    }

    @Test("a list of models with policies and labels is followed, and changed while the server runs")
    func reloading() async throws {
        let fixture = try VersionsFixture()
        try fixture.add(124)
        func text(_ label: Int) -> String {
            """
            model_config_list { config { name: 'half' base_path: '\(fixture.base)' model_platform: 'tensorflow'
              model_version_policy { all {} } version_labels { key: 'stable' value: \(label) } } }
            """
        }
        var options = fixture.options
        options.models = .listed(file: try fixture.server.scratch.write(Array(text(123).utf8), to: "models.config"))
        options.allowsLabelsForUnavailable = true
        let second = text(124)
        try await fixture.asking(options) { client, service in
            try await service.repository.wait { $0.statuses(of: "half").allSatisfy { $0.state == .available } }
            #expect(try service.repository.model("half", .label("stable")).version == 123)
            try fixture.server.scratch.write(Array(second.utf8), to: "models.config")
            service.reload()
            try await service.repository.wait { (try? $0.model("half", .label("stable")))?.version == 124 }
            #expect(try await client.predict(model: "half", version: 123, inputs: VersionsFixture.x).version == 123)
        }
    }

    @Test("a batched server answers as an unbatched one does, whatever comes together")
    func batching() async throws {
        let fixture = try VersionsFixture()
        var options = fixture.options
        options.enablesBatching = true
        options.batchingFile = try fixture.server.scratch.write(
            Array("max_batch_size { value: 16 } batch_timeout_micros { value: 500 } num_batch_threads { value: 2 }".utf8), to: "batching.config")
        try await fixture.asking(options) { client, service in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 1...40 {
                    group.addTask {
                        let rows = number % 5 + 1
                        let values = (0..<rows).map { Float(number * 10 + $0) }
                        let answer = try await client.predict(model: "half", inputs: ["x": TensorValue(floats: values, shape: [rows, 1])])
                        #expect(answer.outputs["y"] == TensorValue(floats: values.map { $0 / 2 + 2 }, shape: [rows, 1]))
                    }
                }
                try await group.waitForAll()
            }
            #expect(service.metrics.batchRuns.total == 40)
            let error = await #expect(throws: ModelClientError.self) {
                try await client.predict(
                    model: "half", inputs: ["x": TensorValue(floats: [Float](repeating: 1, count: 17), shape: [17, 1])])
            }
            #expect(error?.message.contains("Task size 17 is larger than maximum input batch size 16") == true)
        }
    }

    @Test("warm-up requests are run before a version is available, and one that fails keeps it from being served")
    func warmUp() async throws {
        let fixture = try VersionsFixture()
        let example = Tensorflow_Example.with { $0.features.feature["x"] = .with { $0.floatList.value = [4] } }
        let input = Tensorflow_Serving_Input.with { $0.exampleList.examples = [example] }
        let predict = Tensorflow_Serving_PredictRequest.with {
            $0.modelSpec.name = "whatever"
            $0.inputs["x"] = .with {
                $0.dtype = .dtFloat
                $0.tensorShape.dim = [.with { $0.size = 1 }, .with { $0.size = 1 }]
                $0.floatVal = [1]
            }
        }
        let regress = Tensorflow_Serving_RegressionRequest.with {
            $0.modelSpec.signatureName = "regress_x_to_y"
            $0.input = input
        }
        let good: [Tensorflow_Serving_PredictionLog] = [
            .with { $0.predictLog.request = predict }, .init(), .with { $0.regressLog.request = regress },
        ]
        try fixture.write(warmUp: good, to: 123)
        var options = fixture.options
        options.warmUpIterations = 2
        try await fixture.asking(options) { client, service in
            #expect(service.metrics.warmUpLatency.count("\(fixture.base)/123", "OK") == 4)
            try fixture.add(124)
            try fixture.write(warmUp: [.with { $0.sessionRunLog = .init() }], to: 124)
            service.reload()
            try await service.repository.wait { $0.statuses(of: "half").first?.state == .end }
            #expect(service.repository.statuses(of: "half").first?.failure == RequestError(.unimplemented, "Unsupported log_type for warmup: 5"))
            #expect(try await client.predict(model: "half", inputs: VersionsFixture.x).version == 123)
        }
    }

    @Test("the ports are open from the start, and /readyz tells what is missing; metrics are where they were asked for")
    func operations() async throws {
        let fixture = try VersionsFixture()
        let scratch = fixture.server.scratch
        var options = fixture.options
        options.healthPort = 0
        options.listening.restPort = 0
        options.models = .single(name: "half", basePath: scratch.file("later"))
        options.monitoringFile = try scratch.write(Array("prometheus_config { enable: true path: '/metrics' }".utf8), to: "monitoring.config")
        try await fixture.server.serving(options, when: .grpcListens) { ports, service in
            try await service.repository.wait { $0.readiness.models.first?.reason != nil && $0.readiness.obstacle == nil }
            let (health, _) = try await HTTP.get(ports.health, "/healthz")
            #expect(health == 200)
            let (status, text) = try await HTTP.get(ports.health, "/readyz")
            #expect(status == 503)
            #expect(text.contains("cannot read the model's folder"), "\(text)")
            try FileManager.default.moveItem(atPath: fixture.base, toPath: scratch.file("later"))
            service.reload()
            try await service.repository.wait { $0.readiness.isReady }
            #expect(try await HTTP.get(ports.rest, "/readyz").status == 200)
            #expect(try await HTTP.get(ports.rest, "/v1/models/half").status == 200)
            let (_, metrics) = try await HTTP.get(ports.rest, "/metrics")
            #expect(metrics.contains(":tensorflow:serving:request_count{model_name=\"half\",status=\"OK\"} 1"), "\(metrics)")
            #expect(try await HTTP.get(ports.health, "/metrics").status == 200)
        }
    }
}
