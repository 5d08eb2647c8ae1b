// SPDX-License-Identifier: Apache-2.0

import Attestation
import ByteCoding
import Foundation
import KeyBroker
import SimulatedTEE
import TestSupport
import Testing

@Suite("A policy in force")
struct ActivePolicyTests {
    @Test("is replaced as a whole; a bad file changes nothing")
    func reload() async throws {
        try await RunningBroker.with { broker in
            let file = broker.folder.file("policy.yaml")
            let good = try String(contentsOfFile: file, encoding: .utf8)
            let before = broker.policy.policy.sha256
            try broker.folder.write(Array("version: 1\nsecrets: [".utf8), to: "policy.yaml")
            #expect(throws: KeyBrokerError.self) { try broker.policy.reload() }
            #expect(broker.policy.policy.sha256 == before)
            // A policy that is well-formed, and names a secret that cannot be read.
            try broker.folder.write(Array(good.replacing("file: key", with: "file: nothing").utf8), to: "policy.yaml")
            #expect(throws: (any Error).self) { try broker.policy.reload() }
            #expect(try await broker.ask() == RunningBroker.secret)
            try broker.folder.write(Array(good.replacing("e1e1", with: "e2e2").utf8), to: "policy.yaml")
            try broker.policy.reload()
            await #expect(throws: (any Error).self) { try await broker.ask() }
            #expect(broker.policy.policy.sha256 != before)
        }
    }

    @Test("decides each request whole, while it is replaced again and again")
    func underLoad() async throws {
        try await RunningBroker.with { broker in
            let good = try String(contentsOfFile: broker.folder.file("policy.yaml"), encoding: .utf8)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        for _ in 0..<5 {
                            let secret = try await broker.ask()
                            #expect(secret == RunningBroker.secret)
                        }
                    }
                }
                group.addTask {
                    for round in 0..<40 {
                        // Renamed into place, as editors and Kubernetes do.
                        let text = round % 3 == 2 ? "version: 1\nsecrets: [" : good + "# \(round)\n"
                        try OutputFile.write(Array(text.utf8), to: broker.folder.file("policy.yaml"), permissions: 0o600, replacing: true)
                        let result = Result { try broker.policy.reload() }
                        #expect((try? result.get()) == nil ? round % 3 == 2 : round % 3 != 2)
                        await Task.yield()
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}

@Suite("A policy's trial")
struct PolicyTrialTests {
    private static let measurement = String(repeating: "e1", count: 32)

    private static func policy(_ rules: String) throws -> Policy {
        try Policy(yaml: Array("version: 1\nsecrets: [{name: k, file: key, production: false}]\nrules:\n\(rules)".utf8), file: "p")
    }

    private static func quote() async throws -> [UInt8] {
        try await SimulatedQuoteSource(platform: RunningBroker.platform).quote(for: try #require(ReportData([UInt8](repeating: 1, count: 64))))
    }

    private static func trial(_ policy: Policy, door: Decision.Door = .challenge, quote: [UInt8]? = nil) async throws -> PolicyTrial {
        let encoded = if let quote { quote } else { try await Self.quote() }
        return PolicyTrial(
            policy, encodedQuote: encoded, collateral: try RunningBroker.platform.collateral(at: Date(), faults: []),
            roots: [RunningBroker.platform.rootOfTrust], door: door, simulatedEvidence: .allowed, at: Date())
    }

    @Test("names the first rule that would release")
    func decisive() async throws {
        let policy = try Self.policy(
            "  - {secret: k, sgx: {mr_enclave: [\(String(repeating: "00", count: 32))]}}\n  - {secret: k, sgx: {mr_enclave: [\(Self.measurement)]}}\n"
        )
        let trial = try await Self.trial(policy)
        #expect(trial.decisive?.rule == "rules[1]")
        #expect(trial.rules.first?.report.firstFailure?.id == Check.ID("appraisal.mr-enclave"))
        #expect(try await Self.trial(policy, door: .raTLS).decisive == nil)
        #expect(trial.text.contains("rules[1] would release `k`"))
    }

    @Test("of an enclave on a rule for trust domains says so, and no waiver lets it in", arguments: ["", ", waivers: [\(anyMeasurement)]"])
    func otherKind(waivers: String) async throws {
        let long = String(repeating: "cd", count: 48)
        let trial = try await Self.trial(try Self.policy("  - {secret: k, tdx: {mr_td: [\(long)], rtmr1: [\(long)]}\(waivers)}\n"))
        let failure = try #require(trial.rules.first?.report.firstFailure)
        #expect(trial.decisive == nil)
        #expect(failure.id == .appraisalIdentityGiven)
        #expect(failure.found == "evidence of an enclave (SGX), which the policy says nothing about")
        #expect(failure.remedy?.contains("mr_enclave") == false)
    }

    private static let anyMeasurement = "{allow: any-measurement, reason: r, until: 2099-01-01}"

    @Test("ends at a quote that does not verify")
    func unverified() async throws {
        var quote = try await Self.quote()
        quote[112] ^= 1
        let trial = try await Self.trial(try Self.policy("  - {secret: k, sgx: {mr_enclave: [\(Self.measurement)]}}\n"), quote: quote)
        #expect(trial.rules.isEmpty)
        #expect(trial.verification.firstFailure?.id == Check.ID("quote.signature"))
    }

    @Test("of recorded decisions lists those that another policy would change")
    func difference() async throws {
        try await RunningBroker.with { broker in
            _ = try await broker.ask()
            _ = try await broker.askByChallenge()
            _ = try? await broker.ask(SimulatedEnclave(isDebug: true))
            _ = try? await broker.ask(source: TamperedQuotes(offset: 112))
            let old = broker.policy.policy
            let text = try String(contentsOfFile: broker.folder.file("policy.yaml"), encoding: .utf8)
            let fresh = try Policy(yaml: Array(text.replacing("tls-only", with: "required").utf8), file: "new")
            let roots = [RunningBroker.platform.rootOfTrust]
            let same = try await PolicyDifference(from: old, to: old, log: broker.archive, roots: roots)
            #expect(same.replayed == 3 && same.changes.isEmpty)
            let stricter = try await PolicyDifference(from: old, to: fresh, log: broker.archive, roots: roots)
            #expect(stricter.changes.map(\.sequence) == [1])
            #expect(stricter.changes.first?.before == "`wrap-key` by rules[0]")
            #expect(stricter.changes.first?.after == nil)
            #expect(stricter.changes.first?.failedCheck == .ruleFreshness)
            let other = try Policy(yaml: Array(text.replacing("e1e1", with: "e2e2").utf8), file: "new")
            #expect(try await PolicyDifference(from: old, to: other, log: broker.archive, roots: roots).changes.map(\.sequence) == [1, 2])
            let untrusted = try await PolicyDifference(from: old, to: other, log: broker.archive, roots: [.intelSGX])
            #expect(untrusted.replayed == 0 && untrusted.unverified == [1, 2, 3])
        }
    }
}

@Suite("CC Zoo's ra_config.json")
struct RAConfigImportTests {
    private static let enclave = String(repeating: "ab", count: 32)

    private static func json(_ switches: [String] = ["on", "on", "on", "on"], entries: String? = nil) -> [UInt8] {
        let entry = "{\"mr_enclave\": \"\(Self.enclave)\", \"mr_signer\": \"\(Self.enclave)\", \"isv_prod_id\": \"3\", \"isv_svn\": \"2\"}"
        return Array(
            """
            {"verify_mr_enclave": "\(switches[0])", "verify_mr_signer": "\(switches[1])", "verify_isv_prod_id": "\(switches[2])",
             "verify_isv_svn": "\(switches[3])", "mrs": [\(entries ?? entry)]}
            """.utf8)
    }

    private static func policy(_ json: [UInt8]) throws -> (Policy, [String]) {
        let imported = try RAConfigImport(json, name: "ra_config.json")
        return (try Policy(yaml: Array(imported.yaml.utf8), file: "policy.yaml"), imported.warnings)
    }

    @Test("becomes a policy that says the same")
    func imported() throws {
        let (policy, warnings) = try Self.policy(Self.json())
        let measurement = try #require(Measurement(hex: Self.enclave))
        #expect(
            policy.rules.first?.sgx
                == SGXReferenceValues(mrEnclave: .anyOf([measurement]), mrSigner: .anyOf([measurement]), isvProdID: .anyOf([3]), minimumISVSVN: 2))
        #expect(policy.rules.first?.freshness == .tlsOnly)
        #expect(policy.secrets.first?.isProduction == true)
        #expect(warnings.contains { $0.contains("every number as 0") })
    }

    @Test("says only what is switched on")
    func switches() throws {
        let (policy, warnings) = try Self.policy(Self.json(["off", "on", "on", "off"]))
        #expect(policy.rules.first?.sgx?.mrEnclave == .notGiven)
        #expect(policy.rules.first?.sgx?.minimumISVSVN == 0)
        #expect(!warnings.contains { $0.contains("equality") })
    }

    @Test("that lets everybody in becomes a policy that lets nobody in, and says so")
    func allOff() throws {
        let (policy, warnings) = try Self.policy(Self.json(["off", "off", "off", "off"]))
        #expect(policy.rules.first?.sgx?.mrEnclave == .anyOf([]))
        #expect(warnings.contains { $0.contains("EVERY enclave") })
        #expect(try Self.policy(Self.json(entries: "")).0.rules.isEmpty)
    }

    @Test(
        "with what cannot be meant is refused",
        arguments: [
            json(["only", "on", "on", "on"]), json(["", "on", "on", "on"]), json(entries: "{\"mr_enclave\": \"ab\"}"),
            json(entries: "{\"mr_enclave\": 1}"), Array("{}".utf8), Array("[".utf8), [],
        ])
    func refused(json: [UInt8]) {
        let error = #expect(throws: KeyBrokerError.self) { try RAConfigImport(json, name: "ra_config.json") }
        #expect(error?.code == .badPolicy)
    }
}
