// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Foundation
import ModelClient
import ProtectedFiles
import RATLS
import Synchronization
import TestSupport
import Testing

@testable import ModelServing

@Suite(
    "A running model server of sealed models", .timeLimit(.minutes(2)),
    .enabled(if: VersionsFixture.isAvailable, "needs TensorFlow's library and TensorFlow Serving's models"))
struct SealedServingTests {
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
            let answer = try await ModelClient.withConnection(configuration) { try await $0.predict(model: "half", inputs: VersionsFixture.x) }
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
            let answer = try await client.predict(model: "half", inputs: VersionsFixture.x)
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
                    let answer = try await client.predict(model: name, inputs: VersionsFixture.x)
                    #expect(answer.outputs["y"]?.numbers == [2.5, 3, 4.5])
                }
            }
        }
        options.modelKeySources["third"] = .file(scratch.file("first.key"))
        options.endsOnFailure = true
        let failure = await fixture.failure(of: options) as? ProtectedFileError
        #expect(failure?.code == .metadataAuthentication, "\(String(describing: failure))")
    }

    @Test("while the key is rotated, ssl.cfg and the model may each be sealed under another version of it")
    func rotation() async throws {
        let fixture = try VersionsFixture()
        let scratch = fixture.server.scratch
        let (current, former) = (WrapKey.random(), WrapKey.random())
        _ = try ProtectedFileSealer(key: former).seal(fixture.base, to: scratch.file("sealed"), mountPath: "models/half")
        _ = try ProtectedFileSealer(key: current).seal(scratch.file("ssl.cfg"), to: scratch.file("sealed-ssl.cfg"), mountPath: "ssl.cfg")
        var options = fixture.options
        options.models = .single(name: "half", basePath: scratch.file("sealed"))
        options.mountPath = "models/half"
        options.sslConfigurationFile = scratch.file("sealed-ssl.cfg")
        options.sslMountPath = "ssl.cfg"
        options.endsOnFailure = true
        options.keySource = WrapKeySource(name: "a rotation") { _, _ in
            KeyVersions(current: .init(number: 2, key: current), former: [.init(number: 1, key: former)])
        }
        let security = try fixture.server.security(of: fixture.server.authority)
        let version = try await fixture.server.asking(options, security) { try await $0.predict(model: "half", inputs: VersionsFixture.x).version }
        #expect(version == 123)
        options.keySource = WrapKeySource(name: "after it") { _, _ in
            KeyVersions(current: .init(number: 3, key: .random()), former: [.init(number: 2, key: current)])
        }
        let failure = await fixture.failure(of: options) as? ServingError
        #expect(failure?.code == .noKeyFits)
        #expect(failure?.message.contains("opens \(scratch.file("sealed"))/123 (versions 3, 2)") == true, "\(String(describing: failure))")
    }

    /// A key that is rotated, and how often it was asked for.
    private final class Rotation: Sendable {
        private struct State {
            var keys: KeyVersions
            var requests = 0
        }

        private let state: Mutex<State>

        init(_ keys: KeyVersions) { self.state = Mutex(State(keys: keys)) }

        var requests: Int { self.state.withLock { $0.requests } }

        func release(_ keys: KeyVersions) { self.state.withLock { $0.keys = keys } }

        var source: WrapKeySource {
            WrapKeySource(name: "a rotation") { _, _ in
                self.state.withLock { state in
                    state.requests += 1
                    return state.keys
                }
            }
        }
    }

    @Test("an ssl.cfg that is sealed before its key is released is taken once it is", arguments: [1, 2])
    func sealedBeforeTheRotation(versions: Int) async throws {
        let fixture = try VersionsFixture()
        let scratch = fixture.server.scratch
        let (former, current) = (WrapKey.random(), WrapKey.random())
        _ = try ProtectedFileSealer(key: former).seal(fixture.base, to: scratch.file("sealed"), mountPath: "models/half")
        _ = try ProtectedFileSealer(key: former).seal(scratch.file("ssl.cfg"), to: scratch.file("sealed-ssl.cfg"), mountPath: "ssl.cfg")
        let older = (1..<versions).map { _ in KeyVersions.Version(number: 1, key: .random()) }
        let rotation = Rotation(KeyVersions(current: .init(number: 2, key: former), former: older))
        var options = fixture.options
        options.models = .single(name: "half", basePath: scratch.file("sealed"))
        options.mountPath = "models/half"
        options.sslConfigurationFile = scratch.file("sealed-ssl.cfg")
        options.sslMountPath = "ssl.cfg"
        options.keySource = rotation.source
        // The server's certificate stays the one of the first authority.
        let other = try CertificateAuthority(named: "other CA", keyType: .p256, now: Date())
        let security = try fixture.server.security(of: other, trusting: fixture.server.authority)
        try await fixture.server.serving(options) { ports, service in
            func isServed() async -> Bool {
                let configuration = ModelClientConfiguration(host: "127.0.0.1", port: ports.grpc, security: security)
                return (try? await ModelClient.withConnection(configuration) { try await $0.status(model: "half").count }) == 1
            }
            var configuration = try SSLConfiguration(textFormat: try String(contentsOfFile: scratch.file("ssl.cfg"), encoding: .utf8))
            configuration.customCA = try other.identity.certificatePEM()
            try scratch.write(Array(configuration.textFormat.utf8), to: "new-ssl.cfg")
            _ = try ProtectedFileSealer(key: current).seal(scratch.file("new-ssl.cfg"), to: scratch.file("new-sealed"), mountPath: "ssl.cfg")
            let before = rotation.requests
            try scratch.write(try InputFile.readAll(scratch.file("new-sealed"), limit: SSLConfigurationFile.sizeLimit), to: "sealed-ssl.cfg")
            // Twice, for the second request shows that the first was of no use.
            while rotation.requests < before + 2 {
                try Task.checkCancellation()
                service.reload()
                #expect(await !isServed())
            }
            rotation.release(KeyVersions(current: .init(number: 3, key: current), former: [.init(number: 2, key: former)]))
            while await !isServed() {
                try Task.checkCancellation()
                service.reload()
            }
        }
    }
}
