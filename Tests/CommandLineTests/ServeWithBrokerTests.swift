// SPDX-License-Identifier: Apache-2.0

import Attestation
import Foundation
import SimulatedTEE
import Subprocess
import SystemPackage
import TestSupport
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// A model server and its key broker, each a process of its own, as they are deployed.
@Suite(
    "A model server whose keys a broker has", .timeLimit(.minutes(3)),
    .enabled(
        if: TensorFlowSetUp.isThere && SharedVectors.modelExists("tf-serving/half_plus_two_cpu"),
        "needs TensorFlow's library and TensorFlow Serving's models"))
struct ServeWithBrokerTests {
    /// Everything that both need, on disk: models, each sealed under its own key.
    private struct Site: Sendable {
        let folder: ScratchFolder

        init(models: [String]) async throws {
            self.folder = try ScratchFolder()
            try await Self.run(["tls", "issue", "--server", "localhost", "--client", "c", "--output", self.folder.file("tls")])
            try await Self.run(["simulate", "init", "--output", self.folder.file("platform")])
            for name in ["store", "keys"] { try self.folder.write([], to: "\(name)/.made") }
            try await Self.run([
                "broker", "store", "init", "--store", self.folder.file("store/broker.sqlite"), "--new-master-key",
                self.folder.file("keys/master-key"),
            ])
            for name in models {
                try await Self.run(["key", "generate", "--output", self.folder.file("\(name)-key")])
                try await Self.run([
                    "seal", "--key", self.folder.file("\(name)-key"), "--input", SharedVectors.model("tf-serving/half_plus_two_cpu"), "--output",
                    self.folder.file(name), "--mount-path", self.folder.file(name),
                ])
            }
            let configurations = models.map {
                "config { name: '\($0)' base_path: '\(self.folder.file($0))' model_platform: 'tensorflow' }"
            }
            try self.folder.write(Array("model_config_list { \(configurations.joined(separator: "\n")) }".utf8), to: "models.config")
        }

        static func run(_ words: [String]) async throws {
            let result = try await BuiltCommand.run(words)
            #expect(result.status == 0, "\(words): \(result.error)")
        }

        /// Lets enclaves of one measurement have both keys, and tells the others which check they failed.
        func writePolicy(mrEnclave: String) throws {
            let rule = "sgx: { mr_enclave: ['\(mrEnclave)'] }"
            let policy = """
                version: 1
                explain: peer
                secrets:
                  - { name: first-secret, file: first-key, production: false }
                  - { name: second-secret, file: second-key, production: false }
                rules:
                  - { secret: first-secret, \(rule) }
                  - { secret: second-secret, \(rule) }
                """
            try self.folder.write(Array(policy.utf8), to: "policy.yaml")
        }

        /// Changes the broker's secrets.
        func changeSecrets(_ words: String...) async throws {
            try await Self.run(
                ["broker", "secrets"] + words + [
                    "--store", self.folder.file("store/broker.sqlite"), "--master-key", self.folder.file("keys/master-key"),
                ])
        }

        /// What a server says, line by line, and how it is sent a signal.
        struct Process: Sendable {
            let lines: AsyncStream<String>
            let send: @Sendable (Signal) throws -> Void

            /// Waits for the line that begins so, and returns the port that it ends with.
            func port(after beginning: String) async throws -> Int { try await self.ports(after: beginning)[0] }

            /// Waits for lines that begin so, in any order, and returns the ports that they end with.
            func ports(after beginnings: String...) async throws -> [Int] {
                var ports: [String: Int] = [:]
                for await line in self.lines {
                    guard let beginning = beginnings.first(where: { line.hasPrefix($0) }) else { continue }
                    let port: Int = try #require(line.split { !$0.isNumber }.last.flatMap { Int($0) })
                    ports[beginning] = port
                    if ports.count == beginnings.count { return beginnings.compactMap { ports[$0] } }
                }
                throw CancellationError()
            }
        }

        /// Runs a server for as long as `body` runs; asked to end, it ends well.
        func serving(_ words: [String], _ body: @escaping @Sendable (Process) async throws -> Void) async throws {
            let outcome = try await Subprocess.run(
                .path(FilePath(BuiltCommand.path)), arguments: Arguments(words), input: .none, output: .sequence, error: .combinedWithOutput
            ) { execution in
                let (lines, line) = AsyncStream<String>.makeStream()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    // Read to its end: a server that cannot write its last words does not end.
                    group.addTask {
                        for try await text in execution.standardOutput.strings() {
                            line.yield(text.trimmingCharacters(in: .newlines))
                        }
                        line.finish()
                    }
                    do {
                        try await body(Process(lines: lines) { try execution.send(signal: $0) })
                    } catch {
                        try execution.send(signal: .kill)
                        throw error
                    }
                    try execution.send(signal: .terminate)
                    try await group.waitForAll()
                }
            }
            #expect(outcome.terminationStatus.isSuccess, "\(words.prefix(2)): \(outcome.terminationStatus)")
        }

        func collateral(_ body: @escaping @Sendable (Int) async throws -> Void) async throws {
            try await self.serving(["simulate", "collateral", "--platform", self.folder.file("platform"), "--port", "0"]) { process in
                try await body(try await process.port(after: "ready "))
            }
        }

        /// Runs a broker; `body` gets its HTTPS port.
        func broker(collateral: Int, _ body: @escaping @Sendable (Process, Int) async throws -> Void) async throws {
            let words = [
                "broker", "serve", "--policy", self.folder.file("policy.yaml"), "--certificate", self.folder.file("tls/server/cert.pem"),
                "--private-key", self.folder.file("tls/server/key.pem"), "--pccs-url", "http://127.0.0.1:\(collateral)/sgx/certification/v4/",
                "--simulated-root", self.folder.file("platform/root-ca.der"), "--store", self.folder.file("store/broker.sqlite"),
                "--master-key", self.folder.file("keys/master-key"), "--address",
                "127.0.0.1", "--port", "0",
            ]
            try await self.serving(words) { process in try await body(process, try await process.port(after: "ready ")) }
        }

        func server(broker: Int, secrets: [String], _ body: @escaping @Sendable (Process) async throws -> Void) async throws {
            let words = [
                "serve", "--model_config_file", self.folder.file("models.config"), "--address", "127.0.0.1", "--port", "0", "--health-port", "0",
                "--allow-plaintext", "--broker", "localhost:\(broker)", "--broker-ca", self.folder.file("tls/ca_cert.pem"),
                "--simulated-platform", self.folder.file("platform"),
            ]
            try await self.serving(words + secrets, body)
        }
    }

    private static let otherEnclave = String(repeating: "0d", count: 32)

    @Test("is not ready and tells the failed check while it is refused, and serves each model with its own key once it is not")
    func refusedAtFirst() async throws {
        let site = try await Site(models: ["first", "second"])
        try site.writePolicy(mrEnclave: Self.otherEnclave)
        try await site.collateral { collateral in
            try await site.broker(collateral: collateral) { broker, brokerPort in
                let secrets = ["--model-secret", "first=first-secret", "--model-secret", "second=second-secret"]
                try await site.server(broker: brokerPort, secrets: secrets) { server in
                    let health = try await server.port(after: "health listens on ")
                    let (status, page) = try await Self.page(health) { $0.contains("refused") }
                    #expect(status == 503)
                    #expect(page.contains("refused this enclave at"), "\(page)")
                    #expect(page.contains("appraisal.mr-enclave"), "\(page)")
                    try site.writePolicy(mrEnclave: "\(Measurement.simulatedEnclave)")
                    try broker.send(.terminalClosed)
                    let port = try await server.port(after: "ready ")
                    #expect(try await Self.page(health) { _ in true }.status == 200)
                    for model in ["first", "second"] { try await Self.expectAnswer(of: model, port) }
                }
            }
        }
    }

    @Test("opens what was sealed under the current or the former version of a key that is being rotated, and tells of what neither opens")
    func rotation() async throws {
        let site = try await Site(models: ["former", "current", "other"])
        let policy = """
            version: 1
            secrets: [{ name: wrap-key, production: false }]
            rules: [{ secret: wrap-key, sgx: { mr_enclave: ['\(Measurement.simulatedEnclave)'] } }]
            """
        try site.folder.write(Array(policy.utf8), to: "policy.yaml")
        try await site.changeSecrets("put", "wrap-key", "--file", site.folder.file("former-key"))
        try await site.changeSecrets("rotate", "wrap-key", "--file", site.folder.file("current-key"), "--overlap", "1h")
        try await site.collateral { collateral in
            try await site.broker(collateral: collateral) { _, brokerPort in
                try await site.server(broker: brokerPort, secrets: ["--secret", "wrap-key"]) { server in
                    let ports = try await server.ports(after: "health listens on ", "gRPC listens on ")
                    let (status, page) = try await Self.page(ports[0]) { page in
                        page.contains("no-key-fits") && page.ranges(of: "\"ready\" : true").count == 2
                    }
                    #expect(status == 503)
                    #expect(page.contains("none of the 2 versions of its key that were released opens \(site.folder.file("other"))"), "\(page)")
                    for model in ["former", "current"] { try await Self.expectAnswer(of: model, ports[1]) }
                }
            }
        }
    }

    private static func expectAnswer(of model: String, _ port: Int) async throws {
        let answer = try await BuiltCommand.run("predict", "--server", "127.0.0.1:\(port)", "--model", model, "--input", "x=[[2]]")
        #expect(answer.status == 0 && answer.output.contains("3"), "\(model): \(answer.error)")
    }

    /// Asks for /readyz until it says what is waited for.
    private static func page(_ port: Int, until condition: (String) -> Bool) async throws -> (status: Int, text: String) {
        let url = try #require(URL(string: "http://127.0.0.1:\(port)/readyz"))
        while true {
            let (data, response) = try await URLSession.shared.data(from: url)
            let text = String(decoding: data, as: UTF8.self)
            if condition(text) { return ((response as? HTTPURLResponse)?.statusCode ?? 0, text) }
        }
    }
}
