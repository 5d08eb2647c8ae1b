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
        let named = try CommandLine.arguments.dropFirst(2).map { name in
            guard let part = Part(rawValue: name) else { throw UnknownPart(name: name) }
            return part
        }
        let arithmetic = Arithmetic.measure()
        print(arithmetic.text)
        for part in Part.allCases where named.isEmpty || named.contains(part) {
            switch part {
            case .silent: try await BenchmarkBroker.with(folder: "\(folder)/silent") { try await Self.silentConnections($0) }
            case .releases: try await BenchmarkBroker.with(folder: "\(folder)/releases") { try await Self.releases($0, arithmetic) }
            case .audit: try await Self.audit(folder: "\(folder)/audit")
            }
        }
    }

    /// What can be named after the folder; everything is measured otherwise.
    ///
    /// In this order: memory is measured before much of it was used.
    private enum Part: String, CaseIterable {
        case silent, releases, audit
    }

    private struct UnknownPart: Error {
        let name: String
    }

    // MARK: - Releases

    private static let seconds = 8
    /// More clients than any machine with few cores serves in that time.
    private static let clientsPerCore = 6000

    private static func releases(_ broker: BenchmarkBroker, _ arithmetic: Arithmetic) async throws {
        let known = ClientSupply(always: try await broker.makeClient())
        _ = try await broker.run(for: .seconds(2), atOnce: 8, known)
        for atOnce in [1, 8, 32] {
            Self.report(.known, atOnce, try await broker.run(for: .seconds(Self.seconds), atOnce: atOnce, known), arithmetic)
        }
        let cores = ProcessInfo.processInfo.activeProcessorCount
        try await broker.bare { bare in
            let times = try await bare.run(for: .seconds(Self.seconds), atOnce: 32, known)
            print(
                "TLS and the messages alone, 32 at once: \(Int(times.perSecond)) exchanges/s, p50 \(times.percentile(50)) ms; "
                    + "\(Int(times.processorMicroseconds)) us of one core each")
        }
        for atOnce in [1, 8, 32] {
            let new = ClientSupply(try await broker.makeClients(min(atOnce, cores) * Self.clientsPerCore))
            Self.report(.new, atOnce, try await broker.run(for: .seconds(Self.seconds), atOnce: atOnce, new), arithmetic)
        }
    }

    private static func report(_ clients: Arithmetic.Clients, _ atOnce: Int, _ times: ReleaseTimes, _ arithmetic: Arithmetic) {
        let cores = ProcessInfo.processInfo.activeProcessorCount
        let possible = arithmetic.releasesPerSecond(clients, cores: cores)
        print(
            "door 1, \(clients.rawValue) clients, \(atOnce) at once: \(Int(times.perSecond)) releases/s, "
                + "p50 \(times.percentile(50)) ms, p99 \(times.percentile(99)) ms; "
                + "arithmetic alone allows \(Int(possible)) on \(cores) cores, reached \(Int(times.perSecond / possible * 100)) %; "
                + "\(Int(times.processorMicroseconds)) us of one core each, \(Int(arithmetic.total(clients) / times.processorMicroseconds * 100)) % arithmetic"
        )
    }

    // MARK: - Silent connections

    private static func silentConnections(_ broker: BenchmarkBroker) async throws {
        let client = ClientSupply(always: try await broker.makeClient())
        _ = try await broker.run(for: .seconds(1), atOnce: 1, client)
        let quiet = try await broker.run(for: .seconds(5), atOnce: 1, client)
        var silent: [any Channel] = []
        for _ in 0..<2000 {
            silent.append(try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connect(host: "127.0.0.1", port: broker.port).get())
        }
        let crowded = try await broker.run(for: .seconds(5), atOnce: 1, client)
        let memory = Self.residentMegabytes()
        let open = silent.count { $0.isActive }
        for channel in silent { try? await channel.close() }
        let ratio = (crowded.percentile(99) / quiet.percentile(99) * 100).rounded() / 100
        print(
            "\(open) silent connections: p99 of a good client \(crowded.percentile(99)) ms, quiet \(quiet.percentile(99)) ms (\(ratio) times); "
                + "memory of broker and clients together \(memory) MB")
    }

    /// Resident memory of this process.
    private static func residentMegabytes() -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
        return (Int(line.split(whereSeparator: \.isWhitespace).dropFirst().first ?? "0") ?? 0) / 1024
    }

    // MARK: - Audit log

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
        var verification: AuditVerification?
        let verifying = try await clock.measure { verification = try await archive.verify() }
        var pages: [Duration] = []
        for before in stride(from: Int64(100_001), to: 1, by: -5000) {
            pages.append(try await clock.measure { _ = try await archive.list(before: before, limit: 50) })
        }
        print(
            "audit log of \(verification?.records ?? 0) records (intact: \(verification?.isIntact == true)): "
                + "appended in \(Self.seconds(appending)) s, verified in \(Self.seconds(verifying)) s, "
                + "slowest page of 50 in \(Self.milliseconds(pages.max() ?? .zero)) ms")
    }

    private static func seconds(_ duration: Duration) -> Double { (duration / .seconds(1) * 100).rounded() / 100 }
    private static func milliseconds(_ duration: Duration) -> Double { (duration / .milliseconds(1) * 100).rounded() / 100 }
}
