// SPDX-License-Identifier: Apache-2.0

import Foundation
import ModelClient
import ModelServing
import ProtectedFiles
import RATLS
import SavedModels
import Synchronization
import TensorFlowRuntime
import TestSupport
import Testing

/// TLS material and a model for a server in this process.
struct ServerFixture {
    static let model = "tf-serving/half_plus_two_cpu"
    static let isAvailable = TensorFlowSetUp.isThere && SharedVectors.modelExists(Self.model)
    static let serverName = "models.test"

    let scratch: ScratchFolder
    let authority: CertificateAuthority

    /// Writes ssl.cfg into a scratch folder.
    init() throws {
        self.scratch = try ScratchFolder()
        self.authority = try CertificateAuthority(named: "CA", keyType: .p256, now: Date())
        let server = try self.authority.issue(to: [try CertificateName(Self.serverName)], role: .server, keyType: .p256, days: 1, now: Date())
        let configuration = SSLConfiguration(
            serverKey: try server.privateKeyPEM(), serverCertificate: try server.certificatePEM(),
            customCA: try self.authority.identity.certificatePEM(), clientVerify: true)
        try self.scratch.write(Array(configuration.textFormat.utf8), to: "ssl.cfg")
    }

    var options: ServingOptions {
        var options = ServingOptions(modelName: "half", modelBasePath: SharedVectors.model(Self.model))
        options.sslConfigurationFile = self.scratch.file("ssl.cfg")
        options.listening.address = "127.0.0.1"
        options.listening.port = 0
        options.endsOnFailure = true
        return options
    }

    /// What a client of an authority trusts and shows.
    func security(
        of authority: CertificateAuthority, trusting other: CertificateAuthority? = nil, role: CertificateAuthority.Role = .client
    ) throws -> ModelClientConfiguration.Security {
        let client = try authority.issue(to: [try CertificateName("client.test")], role: role, keyType: .p256, days: 1, now: Date())
        var security = ModelClientConfiguration.Security()
        security.certificateAuthorities = Array(try (other ?? authority).identity.certificatePEM().utf8)
        security.certificate = Array(try client.certificatePEM().utf8)
        security.privateKey = Array(try client.privateKeyPEM().utf8)
        security.serverName = Self.serverName
        return security
    }

    /// Runs a server for as long as `body` runs, which begins when every model answers.
    func serving<Result: Sendable>(
        _ options: ServingOptions, _ body: @escaping @Sendable (_ port: Int) async throws -> Result
    ) async throws -> Result {
        try await self.serving(options) { ports, _ in try await body(ports.grpc) }
    }

    /// Where a server listens.
    final class Ports: Sendable {
        private let ports = Mutex<[String: Int]>([:])
        var grpc: Int { self.ports.withLock { $0["grpc"] ?? 0 } }
        var rest: Int { self.ports.withLock { $0["rest"] ?? 0 } }
        var health: Int { self.ports.withLock { $0["health"] ?? 0 } }
        /// Where gRPC is answered, as it was told.
        let places = Lines()
        func set(_ name: String, _ port: Int) { self.ports.withLock { $0[name] = port } }
    }

    /// When the body of a test begins.
    enum Begin: Sendable { case ready, grpcListens, healthListens }

    /// Runs a server for as long as `body` runs.
    func serving<Result: Sendable>(
        _ options: ServingOptions, when begin: Begin = .ready, _ body: @escaping @Sendable (Ports, ServingService) async throws -> Result
    ) async throws -> Result {
        let ports = Ports()
        let (begins, continuation) = AsyncStream<Begin>.makeStream()
        var events = ServingService.Events()
        events.onListening = { address, port in
            ports.set("grpc", port ?? 0)
            ports.places.add(port.map { "\(address):\($0)" } ?? address)
            continuation.yield(.grpcListens)
        }
        events.onRESTListening = { ports.set("rest", $1) }
        events.onHealthListening = { port in
            ports.set("health", port)
            continuation.yield(.healthListens)
        }
        events.onReady = { continuation.yield(.ready) }
        let service = try ServerStart(options) { _ in }.makeService(events)
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                try await service.run()
                return nil
            }
            group.addTask {
                for await event in begins where event == begin { return try await body(ports, service) }
                return nil
            }
            while let result = try await group.next() {
                guard let result else { continue }
                group.cancelAll()
                return result
            }
            throw CancellationError()
        }
    }

    /// Runs a server and a client of it.
    func asking<Result: Sendable>(
        _ options: ServingOptions, _ security: ModelClientConfiguration.Security?, _ body: @escaping @Sendable (ModelClient) async throws -> Result
    ) async throws -> Result {
        try await self.serving(options) { port in
            try await ModelClient.withConnection(ModelClientConfiguration(host: "127.0.0.1", port: port, security: security), body)
        }
    }
}

@Suite("A model server, over loopback", .enabled(if: ServerFixture.isAvailable, "needs TensorFlow's library and TensorFlow Serving's models"))
struct ModelServerTests {
    private static let x = ["x": TensorValue(floats: [1, 2, 5], shape: [3, 1])]

    @Test("predicts, tells metadata and status over mutual TLS")
    func mutualTLS() async throws {
        let fixture = try ServerFixture()
        try await fixture.asking(fixture.options, try fixture.security(of: fixture.authority)) { client in
            let answer = try await client.predict(model: "half", inputs: Self.x)
            #expect(answer.outputs["y"] == TensorValue(floats: [2.5, 3, 4.5], shape: [3, 1]))
            #expect(answer.version == 123)
            #expect(answer.signature == "serving_default")
            let metadata = try await client.metadata(model: "half")
            #expect(metadata.signatures["serving_default"]?.inputs.keys.sorted() == ["x"])
            let status = try await client.status(model: "half")
            #expect(status.map(\.version) == [123])
            #expect(status.map(\.state) == ["AVAILABLE"])
        }
    }

    @Test("PEM bodies on one long line, as the original recipe writes them, are read on either side")
    func oneLinePEM() async throws {
        func oneLine(_ pem: String) -> String {
            let lines = pem.split(separator: "\n")
            return "\(lines[0])\n\(lines.dropFirst().dropLast().joined())\n\(lines[lines.count - 1])"
        }
        let fixture = try ServerFixture()
        let text = try String(contentsOfFile: fixture.scratch.file("ssl.cfg"), encoding: .utf8)
        var configuration = try SSLConfiguration(textFormat: text)
        configuration.serverKey = oneLine(configuration.serverKey)
        configuration.serverCertificate = oneLine(configuration.serverCertificate)
        configuration.customCA = oneLine(configuration.customCA)
        try fixture.scratch.write(Array(configuration.textFormat.utf8), to: "ssl.cfg")
        var security = try fixture.security(of: fixture.authority)
        security.certificateAuthorities = security.certificateAuthorities.map { Array(oneLine(String(decoding: $0, as: UTF8.self)).utf8) }
        security.certificate = security.certificate.map { Array(oneLine(String(decoding: $0, as: UTF8.self)).utf8) }
        security.privateKey = security.privateKey.map { Array(oneLine(String(decoding: $0, as: UTF8.self)).utf8) }
        let status = try await fixture.asking(fixture.options, security) { client in try await client.status(model: "half") }
        #expect(status.count == 1)
    }

    @Test("a missing model, version, signature and a wrong input have their own errors")
    func requestErrors() async throws {
        let fixture = try ServerFixture()
        try await fixture.asking(fixture.options, try fixture.security(of: fixture.authority)) { client in
            let model = await #expect(throws: ModelClientError.self) { try await client.predict(model: "none", inputs: Self.x) }
            #expect(model?.code == .noSuchModel)
            #expect(model?.message.contains("Servable not found for request: Latest(none)") == true)
            let version = await #expect(throws: ModelClientError.self) { try await client.predict(model: "half", version: 1, inputs: Self.x) }
            #expect(version?.code == .noSuchModel)
            let signature = await #expect(throws: ModelClientError.self) { try await client.predict(model: "half", signature: "s", inputs: Self.x) }
            #expect(signature?.code == .noSuchModel)
            let type = await #expect(throws: ModelClientError.self) {
                try await client.predict(model: "half", inputs: ["x": TensorValue(strings: [[1]], shape: [1])])
            }
            #expect(type?.code == .requestRefused)
        }
    }

    @Test("certificates of another CA are refused on either side, and so is a client without one or with one for servers")
    func otherAuthority() async throws {
        let fixture = try ServerFixture()
        let other = try CertificateAuthority(named: "other", keyType: .p256, now: Date())
        let good = try fixture.security(of: fixture.authority)
        var none = good
        (none.certificate, none.privateKey) = (nil, nil)
        var otherName = good
        otherName.serverName = "other.test"
        let cases: [(ModelClientConfiguration.Security?, ModelClientError.Code)] = [
            (try fixture.security(of: fixture.authority, trusting: other), .untrustedServer),
            (try fixture.security(of: other, trusting: fixture.authority), .refusedByServer),
            (try fixture.security(of: fixture.authority, role: .server), .refusedByServer), (none, .refusedByServer), (otherName, .untrustedServer),
            (nil, .unreachable),
        ]
        try await fixture.serving(fixture.options) { port in
            for (security, code) in cases {
                let error = await #expect(throws: ModelClientError.self) {
                    try await ModelClient.withConnection(ModelClientConfiguration(host: "127.0.0.1", port: port, security: security)) { client in
                        _ = try await client.status(model: "half")
                    }
                }
                #expect(error?.code == code)
            }
        }
    }

    @Test("a port that is taken is told, with the option that names it", arguments: ["--port", "--rest_api_port", "--health-port"])
    func portTaken(option: String) async throws {
        let fixture = try ServerFixture()
        let options = fixture.options
        try await fixture.serving(options) { port in
            var second = options
            switch option {
            case "--port": second.listening.port = port
            case "--rest_api_port": second.listening.restPort = port
            default: second.healthPort = port
            }
            let error = await #expect(throws: ServingError.self) { try await fixture.serving(second) { _ in } }
            #expect(error?.code == .addressInUse)
            #expect(error?.remedy?.hasSuffix("another \(option)") == true)
        }
    }

    @Test(
        "a UNIX socket that cannot be listened at is told with its path",
        arguments: [
            ("file", "there is a file that is no socket"), ("nowhere/socket", "its folder is not there"),
            (String(repeating: "x", count: 200), "the path is longer than the system takes"),
        ])
    func socketFailures(name: String, reason: String) async throws {
        let fixture = try ServerFixture()
        try fixture.scratch.write([1], to: "file")
        var changed = fixture.options
        changed.listening.socketPath = fixture.scratch.file(name)
        changed.listening.isSocketOnly = true
        let options = changed
        let error = await #expect(throws: ServingError.self) { try await fixture.serving(options) { _ in } }
        #expect(error?.code == .cannotListen)
        #expect(error?.message == "cannot listen on the UNIX socket \(fixture.scratch.file(name)): \(reason)")
        #expect(error?.remedy?.contains("--grpc_socket_path") == true)
    }

    @Test("a server at a UNIX socket alone tells the socket")
    func socketAlone() async throws {
        let fixture = try ServerFixture()
        var options = fixture.options
        options.listening.socketPath = fixture.scratch.file("s")
        options.listening.isSocketOnly = true
        try await fixture.serving(options) { ports, _ in
            #expect(ports.places.all == ["unix:\(fixture.scratch.file("s"))"])
        }
    }

    @Test("a sealed model and a sealed ssl.cfg are opened in memory")
    func sealed() async throws {
        let fixture = try ServerFixture()
        let options = try Self.seal(fixture)
        let answer = try await fixture.asking(options, try fixture.security(of: fixture.authority)) { client in
            try await client.predict(model: "half", inputs: Self.x)
        }
        #expect(answer.outputs["y"]?.numbers == [2.5, 3, 4.5])
    }

    @Test("another key, another place and a flipped byte are each refused with their own error")
    func sealedRefusals() async throws {
        let fixture = try ServerFixture()
        let options = try Self.seal(fixture)
        func identifier(_ options: ServingOptions) async -> ProtectedFileError.Code? {
            let error = await #expect(throws: ProtectedFileError.self) { try await fixture.serving(options) { _ in } }
            return error?.code
        }
        var otherKey = options
        try WrapKey.random().write(toFile: fixture.scratch.file("other-key"), replacing: false)
        otherKey.keySource = .file(fixture.scratch.file("other-key"))
        #expect(await identifier(otherKey) == .metadataAuthentication)
        var otherPlace = options
        otherPlace.mountPath = "models/other"
        #expect(await identifier(otherPlace) == .pathMismatch)
        let file = fixture.scratch.file("sealed/00000123/saved_model.pb")
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
        bytes[bytes.count - 100] ^= 1
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        #expect(await identifier(options) == .dataAuthentication)
    }

    @Test("a sealed ssl.cfg without a key, a plain one with a key and a plain model with a key are refused")
    func mixtures() async throws {
        let fixture = try ServerFixture()
        let sealed = try Self.seal(fixture)
        var noKey = sealed
        noKey.keySource = nil
        var plainTLS = sealed
        plainTLS.sslConfigurationFile = fixture.options.sslConfigurationFile
        var noTLS = sealed
        noTLS.sslConfigurationFile = nil
        for (options, code) in [(noKey, .keyNeeded), (plainTLS, .mixedSealing), (noTLS, .plaintextRefused)] as [(ServingOptions, ServingError.Code)] {
            let error = #expect(throws: ServingError.self) { try ServerStart(options) { _ in } }
            #expect(error?.code == code)
        }
        var plainModel = sealed
        plainModel.models = fixture.options.models
        var sealedModel = fixture.options
        sealedModel.models = sealed.models
        for (options, code) in [(plainModel, .notSealed), (sealedModel, .keyNeeded)] as [(ServingOptions, ServingError.Code)] {
            let error = await #expect(throws: ServingError.self) { try await fixture.serving(options) { _ in } }
            #expect(error?.code == code)
        }
    }

    @Test("the model of the expected manifest is served; an older file, a stray one and another manifest are refused")
    func manifest() async throws {
        let fixture = try ServerFixture()
        var options = try Self.seal(fixture)
        let folder = fixture.scratch.file("sealed")
        options.manifests = [try ModelManifest(contentsOfFile: "\(folder)/\(ModelManifest.fileName)").digest]
        let answer = try await fixture.asking(options, try fixture.security(of: fixture.authority)) { client in
            try await client.predict(model: "half", inputs: Self.x)
        }
        #expect(answer.outputs["y"]?.numbers == [2.5, 3, 4.5])
        func code(_ options: ServingOptions) async -> ProtectedFileError.Code? {
            let error = await #expect(throws: ProtectedFileError.self) { try await fixture.serving(options) { _ in } }
            return error?.code
        }
        try fixture.scratch.write([UInt8]("GRAFS_PF".utf8), to: "sealed/00000123/stray")
        #expect(await code(options) == .manifestMismatch)
        try FileManager.default.removeItem(atPath: "\(folder)/00000123/stray")
        // Authentic, of the same key and for the same place, but of another sealing.
        let key = try WrapKey(contentsOfFile: fixture.scratch.file("key"))
        let file = "00000123/saved_model.pb"
        _ = try ProtectedFileSealer(key: key, replacing: true).seal(
            "\(SharedVectors.model(ServerFixture.model))/\(file)", to: "\(folder)/\(file)", mountPath: "models/half/\(file)")
        #expect(await code(options) == .manifestMismatch)
        options.manifests = [try #require(ManifestDigest(hex: String(repeating: "0", count: 64)))]
        let error = await #expect(throws: ServingError.self) { try await fixture.serving(options) { _ in } }
        #expect(error?.code == .manifestRefused)
        options.manifests = []
        try await fixture.serving(options) { _ in }
    }

    /// Seals the fixture's model and ssl.cfg under a new key.
    private static func seal(_ fixture: ServerFixture) throws -> ServingOptions {
        let key = WrapKey.random()
        try key.write(toFile: fixture.scratch.file("key"), replacing: false)
        let sealer = ProtectedFileSealer(key: key)
        _ = try sealer.seal(SharedVectors.model(ServerFixture.model), to: fixture.scratch.file("sealed"), mountPath: "models/half")
        _ = try sealer.seal(fixture.scratch.file("ssl.cfg"), to: fixture.scratch.file("sealed-ssl.cfg"), mountPath: "ssl.cfg")
        var options = fixture.options
        options.models = .single(name: "half", basePath: fixture.scratch.file("sealed"))
        options.mountPath = "models/half"
        options.sslConfigurationFile = fixture.scratch.file("sealed-ssl.cfg")
        options.sslMountPath = "ssl.cfg"
        options.keySource = .file(fixture.scratch.file("key"))
        return options
    }
}
