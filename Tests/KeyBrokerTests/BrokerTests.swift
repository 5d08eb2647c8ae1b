// SPDX-License-Identifier: Apache-2.0

import Attestation
import ByteCoding
import Crypto
import Foundation
import KeyBroker
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import RATLS
import SecretProvisioning
import SimulatedTEE
import SwiftASN1
import TestSupport
import Testing
import X509

/// Runs brokers in this process and asks them over real TLS.
@Suite("A key broker")
struct BrokerTests {
    private static func credentials(_ source: any QuoteSource) async throws -> RawClient.Credentials {
        let identity = try await RATLSCertificate.make(source: source)
        return RawClient.Credentials(certificateDER: identity.certificateDER, privateKeyPEM: Array(identity.privateKey.pemRepresentation.utf8))
    }

    private static let genuine = SimulatedQuoteSource(platform: RunningBroker.platform)

    @Test("releases the secret to the enclave of its policy, and records it")
    func released() async throws {
        try await RunningBroker.with { broker in
            #expect(try await broker.ask() == RunningBroker.secret)
            let decision = try #require(await broker.log.next())
            #expect(decision.verdict == .released)
            #expect(decision.secret == "wrap-key")
            #expect(decision.rule == "rules[0]")
            #expect(decision.failedCheck == nil)
            #expect(decision.report.allPassed)
            #expect(decision.enclave?.mrEnclave == .simulatedEnclave)
            #expect(decision.enclave?.isVerified == true)
            #expect(decision.root == .simulated)
            #expect(broker.log.recorded == 1)
        }
    }

    @Test(
        "speaks TLS 1.2 and 1.3, with ECDSA and RSA certificates, and sends exactly the protocol's bytes", arguments: [TLSVersion.tlsv12, .tlsv13],
        [CertificateKeyType.p256, .rsa])
    func versions(version: TLSVersion, keyType: CertificateKeyType) async throws {
        var options = RunningBroker.Options()
        options.keyType = keyType
        try await RunningBroker.with(options) { broker in
            let client = RawClient(
                port: broker.port, credentials: try await Self.credentials(Self.genuine), version: version, pieces: [ProvisioningRequest.bytes])
            #expect(try await client.run() == ProvisioningResponse.header(secretCount: 16) + RunningBroker.secret)
        }
    }

    @Test("takes requests in one record a byte, and merged with what follows")
    func records() async throws {
        try await RunningBroker.with { broker in
            let credentials = try await Self.credentials(Self.genuine)
            let response = try ProvisioningResponse.header(secretCount: 16) + RunningBroker.secret
            let split = RawClient(port: broker.port, credentials: credentials, pieces: ProvisioningRequest.bytes.map { [$0] })
            #expect(try await split.run() == response)
            let merged = RawClient(port: broker.port, credentials: credentials, pieces: [ProvisioningRequest.bytes + Array("dialogue".utf8)])
            #expect(try await merged.run() == response)
        }
    }

    @Test("sends hexadecimal digits and a NUL to old clients")
    func hexNUL() async throws {
        var options = RunningBroker.Options()
        options.encoding = "hex-nul"
        try await RunningBroker.with(options) { broker in
            let secret = try await broker.ask()
            #expect(secret == Array(RunningBroker.secret.hexString.utf8) + [0])
        }
    }

    /// A case of refusal: what is wrong and which check finds it.
    struct Refusal: CustomTestStringConvertible, Sendable {
        let what: String
        let check: String
        var options = RunningBroker.Options()
        var source: any QuoteSource = BrokerTests.genuine
        var testDescription: String { self.what }
    }

    private static var refusals: [Refusal] {
        var otherMeasurement = RunningBroker.Options()
        otherMeasurement.mrEnclave = String(repeating: "e2", count: 32)
        var fresh = RunningBroker.Options()
        fresh.freshness = "required"
        var forModel = RunningBroker.Options()
        forModel.models = [String(repeating: "4d", count: 32)]
        var production = RunningBroker.Options()
        production.production = true
        var expired = RunningBroker.Options()
        expired.faults = [.expiredTCBInfo]
        var revoked = RunningBroker.Options()
        revoked.faults = [.revokedPCK]
        var outOfDate = RunningBroker.Options()
        outOfDate.faults = [.outOfDatePlatform]
        var expiredWaiver = outOfDate
        expiredWaiver.waivers = "waivers: [{ allow: out-of-date-tcb, reason: r, until: 2020-01-01 }]"
        var realOnly = RunningBroker.Options()
        realOnly.roots = [.intelSGX]
        let debug = SimulatedQuoteSource(platform: RunningBroker.platform, enclave: SimulatedEnclave(isDebug: true))
        return [
            Refusal(what: "another MRENCLAVE", check: "appraisal.mr-enclave", options: otherMeasurement),
            Refusal(what: "a debug enclave", check: "appraisal.debug", source: debug),
            Refusal(what: "a quote with a flipped bit", check: "quote.signature", source: TamperedQuotes(offset: 112)),
            Refusal(what: "a quote that is cut short", check: "quote.format", source: TruncatedQuotes()),
            Refusal(what: "a quote for another key", check: "evidence.key-binding", source: BorrowedQuotes()),
            Refusal(what: "expired collateral", check: "tcb-info.freshness", options: expired),
            Refusal(what: "a revoked platform", check: "pck-crl.revocation", options: revoked),
            Refusal(what: "a platform out of date", check: "appraisal.tcb-status", options: outOfDate),
            Refusal(what: "a platform out of date whose waiver has expired", check: "appraisal.tcb-status", options: expiredWaiver),
            Refusal(what: "a rule that wants freshness", check: "rule.freshness", options: fresh),
            Refusal(what: "a rule for one model, which Gramine's protocol cannot name", check: "rule.model", options: forModel),
            Refusal(what: "simulated evidence for a production secret", check: "appraisal.simulated-evidence", options: production),
            Refusal(what: "simulated evidence at a broker for real ones", check: "pck-chain.root-pinned", options: realOnly),
        ]
    }

    @Test("refuses, says why, and sends nothing", arguments: refusals)
    func refused(refusal: Refusal) async throws {
        try await RunningBroker.with(refusal.options) { broker in
            let error = await #expect(throws: SecretProvisioningError.self) { try await broker.ask(source: refusal.source) }
            #expect(error?.code == .refused)
            let decision = try #require(await broker.log.next())
            #expect(decision.verdict == .refused)
            #expect(decision.failedCheck == Check.ID(refusal.check), "\(decision.report.text)")
            #expect(decision.remedy?.isEmpty == false)
            // The nearest rule's, where rules were tried.
            #expect(decision.secret == (decision.rule == nil ? nil : "wrap-key"))
            for version in [TLSVersion.tlsv12, .tlsv13] {
                let client = RawClient(
                    port: broker.port, credentials: try await Self.credentials(refusal.source), version: version, pieces: [ProvisioningRequest.bytes])
                #expect(try await client.run().isEmpty)
            }
        }
    }

    @Test("uses a waiver that is in force, and records that it did")
    func waived() async throws {
        var options = RunningBroker.Options()
        options.faults = [.outOfDatePlatform]
        options.waivers = "waivers: [{ allow: out-of-date-tcb, reason: BIOS update booked, until: 2099-01-01 }]"
        try await RunningBroker.with(options) { broker in
            #expect(try await broker.ask() == RunningBroker.secret)
            let decision = try #require(await broker.log.next())
            #expect(decision.waivers.map(\.reason) == ["BIOS update booked"])
        }
    }

    @Test("refuses with a report when its collateral service is not there")
    func unreachableService() async throws {
        let address = try CollateralServiceAddress("http://127.0.0.1:1/sgx/certification/v4/")
        try await HTTPCollateralTransport.with { transport in
            var options = RunningBroker.Options()
            // The service is tried more than once, with pauses.
            options.timeout = .seconds(120)
            options.collateral = CollateralCache(PCCSClient(address: address, transport: transport))
            try await RunningBroker.with(options) { broker in
                await #expect(throws: SecretProvisioningError.self) { try await broker.ask() }
                let decision = try #require(await broker.log.next())
                #expect(decision.failedCheck == .collateralAvailable)
                #expect(decision.report[.collateralAvailable]?.found?.contains("http://127.0.0.1:1/sgx/certification/v4/") == true)
            }
        }
    }

    @Test("asks no collateral service about a quote that its platform did not sign")
    func unsignedQuote() async throws {
        var options = RunningBroker.Options()
        let collateral = CountingCollateral()
        options.collateral = collateral
        try await RunningBroker.with(options) { broker in
            for offset in [112, 600] {
                await #expect(throws: SecretProvisioningError.self) { try await broker.ask(source: TamperedQuotes(offset: offset)) }
                #expect(await broker.log.next()?.verdict == .refused)
            }
            #expect(collateral.count == 0)
            let secret = try await broker.ask()
            #expect(secret == RunningBroker.secret)
            #expect(collateral.count == 1)
        }
    }

    @Test("records refusals of peers that proved nothing up to a rate, and releases always")
    func throttle() async throws {
        try await RunningBroker.with { broker in
            let start = ContinuousClock.now
            for _ in 0..<80 { _ = try await RawClient(port: broker.port, version: .tlsv12).run() }
            let recorded = broker.log.recorded
            // Sixty at once, and one more for each second that a busy machine takes.
            let seconds = Int((ContinuousClock.now - start) / .seconds(1)) + 1
            #expect((50...60 + seconds).contains(recorded))
            #expect(try await broker.ask() == RunningBroker.secret)
            #expect(broker.log.recorded > recorded)
        }
    }

    @Test("refuses a client without a certificate", arguments: [TLSVersion.tlsv12, .tlsv13])
    func noCertificate(version: TLSVersion) async throws {
        try await RunningBroker.with { broker in
            let received = try await RawClient(port: broker.port, version: version, pieces: [ProvisioningRequest.bytes]).run()
            #expect(received.isEmpty)
            #expect(await broker.log.next()?.failedCheck == .tlsClientCertificate)
        }
    }

    @Test("refuses a client whose certificate has no quote")
    func noQuote() async throws {
        try await RunningBroker.with { broker in
            let issued = try broker.authority.issue(to: [CertificateName("localhost")], role: .client, keyType: .p384, days: 2, now: Date())
            var serializer = DER.Serializer()
            try serializer.serialize(issued.certificate)
            let credentials = RawClient.Credentials(
                certificateDER: serializer.serializedBytes, privateKeyPEM: Array(try issued.privateKeyPEM().utf8))
            #expect(try await RawClient(port: broker.port, credentials: credentials, pieces: [ProvisioningRequest.bytes]).run().isEmpty)
            #expect(await broker.log.next()?.failedCheck == .evidenceFormat)
        }
    }

    @Test("sends nothing on a wrong request", arguments: [Array("GET / HTTP/1.1\r\n".utf8), Array("SECRET_PROVISION_RA_TLS_REQUEST_V2\0".utf8)])
    func wrongRequest(request: [UInt8]) async throws {
        try await RunningBroker.with { broker in
            let client = RawClient(port: broker.port, credentials: try await Self.credentials(Self.genuine), pieces: [request])
            #expect(try await client.run().isEmpty)
            #expect(await broker.log.next()?.failedCheck == .requestFormat)
        }
    }

    @Test("sends nothing on half a request")
    func halfRequest() async throws {
        try await RunningBroker.with { broker in
            var client = RawClient(
                port: broker.port, credentials: try await Self.credentials(Self.genuine), pieces: [Array(ProvisioningRequest.bytes.dropLast())])
            client.hangsUp = true
            #expect(try await client.run().isEmpty)
            #expect(await broker.log.next()?.failedCheck == .requestFormat)
        }
    }

    @Test("does not wait for a silent client longer than it should")
    func silentClient() async throws {
        var options = RunningBroker.Options()
        options.timeout = .milliseconds(500)
        try await RunningBroker.with(options) { broker in
            let client = RawClient(port: broker.port, credentials: try await Self.credentials(Self.genuine), pieces: [[ProvisioningRequest.bytes[0]]])
            #expect(try await client.run().isEmpty)
            #expect(await broker.log.next()?.failedCheck == .connectionTime)
        }
    }

    @Test("ends at once when it is stopped, though a client is there that has asked for nothing", .timeLimit(.minutes(1)))
    func stopped() async throws {
        var options = RunningBroker.Options()
        options.timeout = .seconds(3600)
        var silent: (any Channel)?
        try await RunningBroker.with(options) { broker in
            silent = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connect(host: "127.0.0.1", port: broker.port).get()
            // Connections are taken in their order: with this answer the silent one has been taken, too.
            #expect(try await broker.ask() == RunningBroker.secret)
        }
        try await silent?.closeFuture.get()
    }

    @Test("releases nothing that it cannot record")
    func failingLog() async throws {
        var options = RunningBroker.Options()
        options.failingLog = true
        try await RunningBroker.with(options) { broker in
            let error = await #expect(throws: SecretProvisioningError.self) { try await broker.ask() }
            #expect(error?.code == .refused)
            await #expect(throws: SecretProvisioningError.self) { try await broker.askByChallenge() }
            // Nor is it counted as released.
            #expect(!broker.metrics.text(at: Date()).contains("verdict=\"released\""))
        }
    }

    @Test("serves no more connections at once than its limit, and goes on when one ends")
    func connectionLimit() async throws {
        var options = RunningBroker.Options()
        options.maximumConnections = 1
        try await RunningBroker.with(options) { broker in
            let silent = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connect(host: "127.0.0.1", port: broker.port).get()
            let error = await #expect(throws: SecretProvisioningError.self) { try await broker.ask() }
            #expect(error?.code == .refused)
            try await silent.close()
            // The place is free when the broker has noticed the end, which is not at once.
            var secret: [UInt8]?
            for _ in 0..<100 where secret == nil { secret = try? await broker.ask() }
            #expect(secret == RunningBroker.secret)
        }
    }

    @Test("keeps places for others when one address takes all that it gets")
    func connectionLimitOfOneAddress() async throws {
        var options = RunningBroker.Options()
        options.maximumConnections = 8
        options.address = "::"
        try await RunningBroker.with(options) { broker in
            var silent: [any Channel] = []
            for _ in 0..<8 {
                silent.append(
                    try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connect(host: "127.0.0.1", port: broker.port).get())
            }
            let source = SimulatedQuoteSource(platform: RunningBroker.platform)
            await #expect(throws: SecretProvisioningError.self) { try await broker.ask(source: source, host: "127.0.0.1") }
            let secret = try await broker.ask(source: source, host: "::1")
            #expect(secret == RunningBroker.secret)
            for channel in silent { try? await channel.close() }
        }
    }

    @Test("refuses a resumed TLS session, in which nothing is proven", arguments: ["-tls1_2", "-tls1_3"])
    func resumedSession(version: String) async throws {
        try await RunningBroker.with { broker in
            let folder = try ScratchFolder()
            let identity = try await RATLSCertificate.make(source: Self.genuine)
            try folder.write(Array(PEMDocument(label: "CERTIFICATE", bytes: identity.certificateDER).text.utf8), to: "cert.pem")
            try folder.write(Array(identity.privateKey.pemRepresentation.utf8), to: "key.pem")
            try folder.write(ProvisioningRequest.bytes, to: "request")
            func connect(_ session: [String]) async throws -> [UInt8] {
                let words = [
                    "-connect", "127.0.0.1:\(broker.port)", "-cert", folder.file("cert.pem"), "-key", folder.file("key.pem"), version, "-ign_eof",
                ]
                return try await OpenSSL.client(words + session, input: folder.file("request"))
            }
            let full = try await connect(["-sess_out", folder.file("session")])
            #expect(full.contains(RunningBroker.secret))
            #expect(await broker.log.next()?.verdict == .released)
            let resumed = try await connect(["-sess_in", folder.file("session")])
            if resumed.contains(Array("Reused, ".utf8)) {
                let decision = try #require(await broker.log.next())
                #expect(decision.failedCheck == .tlsHandshake)
                #expect(decision.report[.tlsHandshake]?.found?.contains("resumed session") == true)
                #expect(!resumed.contains(RunningBroker.secret))
            } else {
                #expect(await broker.log.next()?.verdict == .released)
            }
        }
    }

    @Test("on a port that is taken says so")
    func portTaken() async throws {
        try await RunningBroker.with { broker in
            var configuration = Broker.Configuration()
            configuration.address = "127.0.0.1"
            configuration.port = broker.port
            let other = try Self.broker(configuration, authority: broker.authority)
            let error = await #expect(throws: KeyBrokerError.self) { try await other.run() }
            #expect(error?.code == .portTaken)
        }
    }

    private static func broker(_ configuration: Broker.Configuration, authority: CertificateAuthority) throws -> Broker {
        let issued = try authority.issue(to: [CertificateName("localhost")], role: .server, keyType: .p256, days: 2, now: Date())
        let identity = try TLSIdentity(
            certificatePEM: Array(issued.certificatePEM().utf8), certificateName: "c", privateKeyPEM: Array(issued.privateKeyPEM().utf8),
            privateKeyName: "k")
        let policy = try ActivePolicy(try Policy(yaml: Array("version: 1\nsecrets: []\nrules: []".utf8), file: "p"))
        let releaser = Releaser(policy: policy, verifier: PeerVerifier(roots: [], collateral: SimulatedCollateral()))
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        return Broker(
            configuration: configuration, identity: try ActiveIdentity(identity), releaser: releaser,
            journal: DecisionJournal(logs: [], logger: logger), logger: logger)
    }
}
