// SPDX-License-Identifier: Apache-2.0

import Attestation
import Foundation
import KeyBroker
import NIOCore
import NIOPosix
import SecretProvisioning
import SimulatedTEE

/// What `make bench-broker` runs: one process with a broker on a real disk and its clients on loopback.
@main
struct KeyBrokerBenchmark {
    static func main() async throws {
        let folder = CommandLine.arguments.dropFirst().first ?? "."
        let arithmetic = Arithmetic.measure()
        print(arithmetic.text)
        try await BenchmarkBroker.with(folder: "\(folder)/releases") { broker in
            try await Self.releases(broker, arithmetic)
            try await Self.silentConnections(broker)
        }
        try await Self.audit(folder: "\(folder)/audit")
    }

    private static let seconds = 15

    private static func releases(_ broker: BenchmarkBroker, _ arithmetic: Arithmetic) async throws {
        _ = try await broker.run(for: .seconds(3), clients: 8)
        for clients in [1, 8, 32] {
            let times = try await broker.run(for: .seconds(Self.seconds), clients: clients)
            let rate = Double(times.count) / Double(Self.seconds)
            let possible = arithmetic.releasesPerSecond(cores: ProcessInfo.processInfo.activeProcessorCount)
            print(
                "door 1, \(clients) clients: \(Int(rate)) releases/s, p50 \(times.percentile(50)) ms, p99 \(times.percentile(99)) ms; "
                    + "arithmetic alone allows \(Int(possible)) releases/s, reached \(Int(rate / possible * 100)) %")
        }
    }

    private static func silentConnections(_ broker: BenchmarkBroker) async throws {
        let quiet = try await broker.run(for: .seconds(5), clients: 1)
        var silent: [any Channel] = []
        for _ in 0..<2000 {
            silent.append(try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connect(host: "127.0.0.1", port: broker.port).get())
        }
        let loud = try await broker.run(for: .seconds(5), clients: 1)
        let memory = Self.residentMegabytes()
        for channel in silent { try? await channel.close() }
        print(
            "2,000 silent connections: p99 of a good client \(loud.percentile(99)) ms, quiet \(quiet.percentile(99)) ms "
                + "(\(loud.percentile(99) / quiet.percentile(99)) times); memory of broker and clients \(memory) MB")
    }

    /// Resident memory of this process.
    private static func residentMegabytes() -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
        return (Int(line.split(whereSeparator: \.isWhitespace).dropFirst().first ?? "0") ?? 0) / 1024
    }

    private static func audit(folder: String) async throws {
        let store = try BenchmarkBroker.store(folder: folder)
        let decision = try await BenchmarkBroker.sampleDecision(folder: folder + "-sample")
        let clock = ContinuousClock()
        let appending = try await clock.measure {
            for _ in 0..<100 {
                try await withThrowingTaskGroup { group in
                    for _ in 0..<1000 { group.addTask { try await store.audit.append(decision) } }
                    try await group.waitForAll()
                }
            }
        }
        let archive = try AuditArchive(path: "\(folder)/store/broker.sqlite")
        var intact = false
        let verifying = try await clock.measure { intact = try await archive.verify().isIntact }
        var pages: [Duration] = []
        for before in stride(from: Int64(100_001), to: 1, by: -5000) {
            pages.append(try await clock.measure { _ = try await archive.list(before: before, limit: 50) })
        }
        print(
            "audit log of 100,000 records: appended in \(Self.seconds(appending)) s, verified in \(Self.seconds(verifying)) s (intact: \(intact)), "
                + "slowest page of 50 in \(Self.milliseconds(pages.max() ?? .zero)) ms")
    }

    private static func seconds(_ duration: Duration) -> Double { (duration / .seconds(1) * 100).rounded() / 100 }
    private static func milliseconds(_ duration: Duration) -> Double { (duration / .milliseconds(1) * 100).rounded() / 100 }
}

extension [Duration] {
    /// A percentile in milliseconds.
    func percentile(_ percent: Int) -> Double {
        guard !self.isEmpty else { return .nan }
        let sorted = self.sorted()
        let value = sorted[Swift.min(sorted.count - 1, sorted.count * percent / 100)]
        return (value / .milliseconds(1) * 100).rounded() / 100
    }
}
