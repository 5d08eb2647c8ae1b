// SPDX-License-Identifier: Apache-2.0

import Attestation
import ByteCoding
import Foundation
import NIOCore
import NIOPosix
import SecretProvisioning
import SimulatedTEE
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// Everything that a broker's process needs, on disk.
struct BrokerSite: Sendable {
    let folder: ScratchFolder
    let platform: SimulatedPlatform
    /// The folder of the store.
    let storeFolder: String

    var store: String { "\(self.storeFolder)/broker.sqlite" }
    var masterKey: String { self.folder.file("keys/master-key") }
    var policy: String { self.folder.file("policy.yaml") }

    /// Options of the commands that change the store.
    var storeOptions: [String] { ["--store", self.store, "--master-key", self.masterKey] }

    static let openPolicy = """
        version: 1
        secrets: [{ name: wrap-key, production: false, freshness: tls-only }]
        rules: [{ secret: wrap-key, sgx: { mr_enclave: ["\(Measurement.simulatedEnclave)"] } }]
        """

    /// Makes keys, certificates, a platform, a store with one secret, and a policy.
    ///
    /// `storeFolder`: where the store shall lie; in the site's own folder unless given.
    init(storeFolder: String? = nil) async throws {
        let folder = try ScratchFolder()
        self.folder = folder
        self.storeFolder = storeFolder ?? folder.file("store")
        try folder.write([], to: "store/.made")
        try folder.write([], to: "keys/.made")
        let options = ["--store", "\(self.storeFolder)/broker.sqlite"]
        for words in [
            ["tls", "issue", "--server", "localhost", "--client", "c", "--output", folder.file("tls")],
            ["simulate", "init", "--output", folder.file("platform")],
            ["broker", "store", "init", "--new-master-key", folder.file("keys/master-key")] + options,
            ["broker", "secrets", "put", "wrap-key", "--generate", "--master-key", folder.file("keys/master-key")] + options,
        ] {
            let result = try await BuiltCommand.run(words)
            #expect(result.status == 0, "\(words): \(result.error)")
        }
        try folder.write(Array(Self.openPolicy.utf8), to: "policy.yaml")
        self.platform = try SimulatedPlatform.load(from: folder.file("platform"))
    }

    /// A process that serves.
    struct Process: Sendable {
        /// Ports in the order of the line in which the process told that it is ready.
        let ports: [Int]
        fileprivate let identifier: ProcessIdentifier

        /// Sends a signal; a process that has ended takes none.
        func send(_ signal: Signal) { _ = kill(self.identifier.value, signal.rawValue) }
    }

    /// Runs a server of this site for as long as `body` runs, then ends it with `signal`; returns how it ended.
    @discardableResult
    func serving(
        _ words: [String], endingWith signal: Signal, _ body: @escaping @Sendable (Process) async throws -> Void
    ) async throws -> TerminationStatus {
        try await Subprocess.run(
            .path(FilePath(BuiltCommand.path)), arguments: Arguments(words), input: .none, output: .sequence, error: .discarded
        ) { execution in
            var ports: [Int] = []
            for try await line in execution.standardOutput.strings() where line.hasPrefix("ready ") {
                ports = line.split(whereSeparator: \.isWhitespace).compactMap { word in
                    word.lastIndex(of: ":").flatMap { Int(word[word.index(after: $0)...]) }
                }
                break
            }
            let process = Process(ports: ports, identifier: execution.processIdentifier)
            do {
                try await body(process)
            } catch {
                process.send(.kill)
                throw error
            }
            process.send(signal)
        }.terminationStatus
    }

    /// Runs a collateral service of the site's platform.
    func collateral(_ body: @escaping @Sendable (Int) async throws -> Void) async throws {
        try await self.serving(
            ["simulate", "collateral", "--platform", self.folder.file("platform"), "--port", "0"], endingWith: .terminate
        ) { process in try await body(try #require(process.ports.first)) }
    }

    /// Options with which a broker of the site serves.
    ///
    /// `collateral`: the port of a collateral service, if there is one.
    func serveOptions(collateral: Int?) -> [String] {
        let service = collateral.map { ["--pccs-url", "http://127.0.0.1:\($0)/sgx/certification/v4/"] } ?? []
        return [
            "broker", "serve", "--policy", self.policy, "--certificate", self.folder.file("tls/server/cert.pem"),
            "--private-key", self.folder.file("tls/server/key.pem"), "--simulated-root", self.folder.file("platform/root-ca.der"),
            "--address", "127.0.0.1", "--port", "0",
        ] + service + self.storeOptions
    }

    /// Runs a broker, and returns how it ended.
    @discardableResult
    func broker(
        collateral: Int, options: [String] = [], endingWith signal: Signal, _ body: @escaping @Sendable (Process) async throws -> Void
    ) async throws -> TerminationStatus {
        try await self.serving(self.serveOptions(collateral: collateral) + options, endingWith: signal, body)
    }

    /// Asks a broker of the site as an enclave would; each time with new evidence.
    func ask(_ process: Process, byChallenge: Bool, ca: String = "tls/ca_cert.pem") async throws -> [UInt8] {
        let server = ServerAddress(host: "localhost", port: process.ports[byChallenge ? 1 : 0])
        let client = try BrokerClient(
            servers: [server], caCertificatePEM: try InputFile.readAll(self.folder.file(ca)), source: SimulatedQuoteSource(platform: self.platform),
            door: byChallenge ? .challenge : .raTLS)
        return try await client.requestSecret().withBytes { [UInt8](copying: $0) }
    }

    /// Whether a broker of the site gives an enclave the secret.
    func isReleased(by process: Process, byChallenge: Bool, ca: String = "tls/ca_cert.pem") async -> Bool {
        (try? await self.ask(process, byChallenge: byChallenge, ca: ca)) != nil
    }

    /// A port of this machine that nobody listens on now.
    static func freePort() async throws -> Int {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton).bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(channel.localAddress?.port)
        try await channel.close()
        return port
    }
}
