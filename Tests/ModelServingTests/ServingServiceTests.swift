// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Foundation
import ModelClient
import NIOSSL
import ProtectedFiles
import RATLS
import SavedModels
import SwiftProtobuf
import TensorFlowProtos
import TestSupport
import Testing

@testable import ModelServing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// A folder of versions that tests put together from TensorFlow Serving's models.
struct VersionsFixture {
    static let isAvailable = TensorFlowSetUp.isThere && SharedVectors.modelExists("tf-serving/half_plus_two_2_versions")

    let server: ServerFixture
    var base: String { self.server.scratch.file("models/half") }

    init() throws {
        self.server = try ServerFixture()
        try self.add(123)
    }

    /// Adds a version that computes x / 2 + 2, complete from one moment to the next as TensorFlow Serving wants it.
    func add(_ version: Int, from model: String = "half_plus_two_2_versions/00000123") throws {
        let manager = FileManager.default
        try manager.createDirectory(atPath: self.base, withIntermediateDirectories: true)
        let temporary = self.server.scratch.file("new-\(version)")
        try manager.copyItem(atPath: SharedVectors.model("tf-serving/\(model)"), toPath: temporary)
        try manager.moveItem(atPath: temporary, toPath: "\(self.base)/\(version)")
    }

    func remove(_ version: Int) throws { try FileManager.default.removeItem(atPath: "\(self.base)/\(version)") }

    /// Writes warm-up requests into a version.
    func write(warmUp logs: [Tensorflow_Serving_PredictionLog], to version: Int) throws {
        let records = try logs.flatMap { TFRecordTests.record(try $0.serializedBytes()) }
        try self.server.scratch.write(records, to: "models/half/\(version)/\(WarmUp.fileName)")
    }

    var options: ServingOptions {
        var options = self.server.options
        options.models = .single(name: "half", basePath: self.base)
        options.sslConfigurationFile = nil
        // Looked at when a test says so.
        options.filePollInterval = .zero
        options.loadRetries = 0
        options.endsOnFailure = false
        return options
    }

    /// Why a server does not start.
    func failure(of options: ServingOptions) async -> (any Error)? {
        do {
            try await self.asking(options) { _, _ in }
            return nil
        } catch {
            return error
        }
    }

    /// Runs a server and a client of it.
    func asking(
        _ options: ServingOptions, _ body: @escaping @Sendable (ModelClient, ServingService) async throws -> Void
    ) async throws {
        try await self.server.serving(options) { ports, service in
            let configuration = ModelClientConfiguration(host: "127.0.0.1", port: ports.grpc, security: nil)
            try await ModelClient.withConnection(configuration) { client in try await body(client, service) }
        }
    }
}

@Suite(
    "A running model server, over loopback", .timeLimit(.minutes(2)),
    .enabled(if: VersionsFixture.isAvailable, "needs TensorFlow's library and TensorFlow Serving's models"))
struct ServingServiceTests {
    private static let x = ["x": TensorValue(floats: [1, 2, 5], shape: [3, 1])]

    @Test("versions are exchanged under load without a failed request")
    func exchange() async throws {
        let fixture = try VersionsFixture()
        try await fixture.asking(fixture.options) { client, service in
            try await withThrowingTaskGroup(of: Set<Int64>.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        var versions: Set<Int64> = []
                        while !versions.contains(126) {
                            let answer = try await client.predict(model: "half", inputs: Self.x)
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
            #expect(try await client.predict(model: "half", inputs: Self.x).version == 123)
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
            #expect(try await client.predict(model: "half", version: 123, inputs: Self.x).version == 123)
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
            #expect(try await client.predict(model: "half", inputs: Self.x).version == 123)
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

    @Test("without its key the server stays up, says which check failed, and serves when the key comes")
    func keyLater() async throws {
        let fixture = try VersionsFixture()
        let scratch = fixture.server.scratch
        let key = WrapKey.random()
        let sealer = ProtectedFileSealer(key: key)
        _ = try sealer.seal(fixture.base, to: scratch.file("sealed"), mountPath: "models/half")
        _ = try sealer.seal(scratch.file("ssl.cfg"), to: scratch.file("sealed-ssl.cfg"), mountPath: "ssl.cfg")
        var options = fixture.options
        options.models = .single(name: "half", basePath: scratch.file("sealed"))
        options.mountPath = "models/half"
        options.sslConfigurationFile = scratch.file("sealed-ssl.cfg")
        options.sslMountPath = "ssl.cfg"
        options.keySource = .file(scratch.file("key"))
        options.healthPort = 0
        let security = try fixture.server.security(of: fixture.server.authority)
        try await fixture.server.serving(options, when: .healthListens) { ports, service in
            try await service.repository.wait { $0.readiness.obstacle?.contains("[unreadable-file]") == true }
            let (status, text) = try await HTTP.get(ports.health, "/readyz")
            #expect(status == 503)
            #expect(text.contains("unreadable-file"), "\(text)")
            try key.write(toFile: scratch.file("key"), replacing: false)
            try await service.repository.wait { $0.readiness.isReady }
            let configuration = ModelClientConfiguration(host: "127.0.0.1", port: ports.grpc, security: security)
            let answer = try await ModelClient.withConnection(configuration) { try await $0.predict(model: "half", inputs: Self.x) }
            #expect(answer.outputs["y"]?.numbers == [2.5, 3, 4.5])
        }
    }

    @Test("a sealed model in another state than the pinned one is refused")
    func pinned() async throws {
        let fixture = try VersionsFixture()
        let scratch = fixture.server.scratch
        let key = WrapKey.random()
        try key.write(toFile: scratch.file("key"), replacing: false)
        _ = try ProtectedFileSealer(key: key).seal(fixture.base, to: scratch.file("sealed"), mountPath: "models/half")
        _ = try ProtectedFileSealer(key: key).seal(fixture.base, to: scratch.file("again"), mountPath: "models/half")
        let digest = try ModelManifest(contentsOfFile: scratch.file("sealed/\(ModelManifest.fileName)")).digest
        var options = fixture.options
        options.mountPath = "models/half"
        options.keySource = .file(scratch.file("key"))
        options.allowsPlaintext = true
        options.manifests = [digest]
        options.endsOnFailure = true
        options.models = .single(name: "half", basePath: scratch.file("sealed"))
        try await fixture.asking(options) { client, _ in
            let answer = try await client.predict(model: "half", inputs: Self.x)
            #expect(answer.version == 123)
        }
        // The same model sealed once more opens under the same key at the same place, and is yet another state.
        options.models = .single(name: "half", basePath: scratch.file("again"))
        let other = await fixture.failure(of: options) as? ServingError
        #expect(other?.code == .manifestRefused)
        // A single file of the other sealing in the pinned folder.
        let file = "123/variables/variables.index"
        try Data(try InputFile.readAll(scratch.file("again/\(file)"))).write(to: URL(fileURLWithPath: scratch.file("sealed/\(file)")))
        options.models = .single(name: "half", basePath: scratch.file("sealed"))
        let mixed = await fixture.failure(of: options) as? ProtectedFileError
        #expect(mixed?.code == .manifestMismatch)
    }

    @Test("a renewed certificate answers new connections")
    func renewedCertificate() async throws {
        let fixture = try VersionsFixture()
        let scratch = fixture.server.scratch
        var options = fixture.options
        options.sslConfigurationFile = scratch.file("ssl.cfg")
        let security = try fixture.server.security(of: fixture.server.authority)
        try await fixture.server.serving(options) { ports, service in
            func name(_ serverName: String) async throws -> Int {
                var other = security
                other.serverName = serverName
                let configuration = ModelClientConfiguration(host: "127.0.0.1", port: ports.grpc, security: other)
                return try await ModelClient.withConnection(configuration) { try await $0.status(model: "half").count }
            }
            #expect(try await name(ServerFixture.serverName) == 1)
            await #expect(throws: ModelClientError.self) { try await name("renewed.test") }
            var configuration = try SSLConfiguration(textFormat: try String(contentsOfFile: scratch.file("ssl.cfg"), encoding: .utf8))
            let renewed = try fixture.server.authority.issue(
                to: [try CertificateName("renewed.test")], role: .server, keyType: .p256, days: 1, now: Date())
            configuration.serverKey = try renewed.privateKeyPEM()
            configuration.serverCertificate = try renewed.certificatePEM()
            try scratch.write(Array(configuration.textFormat.utf8), to: "ssl.cfg")
            service.reload()
            var isRenewed = false
            while !isRenewed { isRenewed = (try? await name("renewed.test")) == 1 }
            await #expect(throws: ModelClientError.self) { try await name(ServerFixture.serverName) }
        }
    }

    @Test("with a new client CA its clients come in and those of the old one do not, over gRPC and REST")
    func renewedAuthority() async throws {
        let fixture = try VersionsFixture()
        let scratch = fixture.server.scratch
        let other = try CertificateAuthority(named: "other CA", keyType: .p384, now: Date())
        var options = fixture.options
        options.sslConfigurationFile = scratch.file("ssl.cfg")
        options.listening.restPort = 0
        let old = try fixture.server.security(of: fixture.server.authority)
        // The server's certificate stays the one of the first authority.
        let new = try fixture.server.security(of: other, trusting: fixture.server.authority)
        try await fixture.server.serving(options) { ports, service in
            func isServed(_ security: ModelClientConfiguration.Security) async -> Bool {
                let configuration = ModelClientConfiguration(host: "127.0.0.1", port: ports.grpc, security: security)
                return (try? await ModelClient.withConnection(configuration) { try await $0.status(model: "half").count }) == 1
            }
            func served() async throws -> [Bool] {
                let overGRPC = [await isServed(old), await isServed(new)]
                return overGRPC + [try await MutualTLS.answers(port: ports.rest, old), try await MutualTLS.answers(port: ports.rest, new)]
            }
            #expect(try await served() == [true, false, true, false])
            var configuration = try SSLConfiguration(textFormat: try String(contentsOfFile: scratch.file("ssl.cfg"), encoding: .utf8))
            configuration.customCA = try other.identity.certificatePEM()
            try scratch.write(Array(configuration.textFormat.utf8), to: "ssl.cfg")
            service.reload()
            while await !isServed(new) {}
            #expect(try await served() == [false, true, false, true])
        }
    }

    @Test("each model is opened with its own key, and one without a key is told so")
    func keyPerModel() async throws {
        let fixture = try VersionsFixture()
        let scratch = fixture.server.scratch
        var text = "model_config_list {\n"
        for name in ["first", "second", "third"] {
            let key = WrapKey.random()
            try key.write(toFile: scratch.file("\(name).key"), replacing: false)
            _ = try ProtectedFileSealer(key: key).seal(fixture.base, to: scratch.file(name), mountPath: scratch.file(name))
            text += "config { name: '\(name)' base_path: '\(scratch.file(name))' model_platform: 'tensorflow' }\n"
        }
        var options = fixture.options
        options.models = .listed(file: try scratch.write(Array("\(text)}".utf8), to: "models.config"))
        options.allowsPlaintext = true
        // Of the third the key of another is no key.
        options.modelKeySources = ["first": .file(scratch.file("first.key")), "second": .file(scratch.file("second.key"))]
        try await fixture.server.serving(options, when: .grpcListens) { ports, service in
            try await service.repository.wait { repository in
                repository.isStarted && ["first", "second"].allSatisfy { (try? repository.model($0, .latest)) != nil }
            }
            let failure = service.repository.statuses(of: "third").first?.failure
            #expect(failure?.message.hasPrefix("there is no key for the model third [key-needed]") == true, "\(String(describing: failure))")
            let configuration = ModelClientConfiguration(host: "127.0.0.1", port: ports.grpc, security: nil)
            try await ModelClient.withConnection(configuration) { client in
                for name in ["first", "second"] {
                    let answer = try await client.predict(model: name, inputs: Self.x)
                    #expect(answer.outputs["y"]?.numbers == [2.5, 3, 4.5])
                }
            }
        }
        options.modelKeySources["third"] = .file(scratch.file("first.key"))
        options.endsOnFailure = true
        let failure = await fixture.failure(of: options) as? ProtectedFileError
        #expect(failure?.code == .metadataAuthentication, "\(String(describing: failure))")
    }
}

/// Asks REST for a model's status over mutual TLS, without an HTTP library: those share connections and certificates between requests.
enum MutualTLS {
    static func answers(port: Int, _ security: ModelClientConfiguration.Security) async throws -> Bool {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(try #require(security.certificateAuthorities)))
        tls.certificateVerification = .noHostnameVerification
        tls.certificateChain = try NIOSSLCertificate.fromPEMBytes(try #require(security.certificate)).map { .certificate($0) }
        tls.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: try #require(security.privateKey), format: .pem))
        guard let connection = try? await RawConnection(port: port, security: try NIOSSLContext(configuration: tls)) else { return false }
        guard (try? await connection.send("GET /v1/models/half HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")) != nil else { return false }
        return await connection.readToEnd().hasPrefix("HTTP/1.1 200 OK")
    }
}

/// Asks for a page over HTTP.
enum HTTP {
    static func get(_ port: Int, _ path: String) async throws -> (status: Int, body: String) {
        let url = try #require(URL(string: "http://127.0.0.1:\(port)\(path)"))
        let (data, response) = try await URLSession.shared.data(from: url)
        return ((response as? HTTPURLResponse)?.statusCode ?? 0, String(decoding: data, as: UTF8.self))
    }
}
