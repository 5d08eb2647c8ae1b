// SPDX-License-Identifier: Apache-2.0

import Attestation
import ByteCoding
import Foundation
import KeyBroker
import NIOCore
import NIOPosix
import NIOSSL
import RATLS
import SecretProvisioning
import SimulatedTEE
import TestSupport
import Testing

/// Gramine's clients of all generations, as they were recorded and as they are imitated.
@Suite("A key broker for Gramine's clients")
struct GramineClientTests {
    /// A generation: what its TLS library can do, and what its certificates look like.
    struct Generation: CustomTestStringConvertible, Sendable {
        let name: String
        let recording: String
        let versions: [TLSVersion]
        let style: RATLSCertificateStyle
        var testDescription: String { self.name }
    }

    private static let generations = [
        Generation(name: "Graphene", recording: "graphene", versions: [.tlsv12], style: .graphene),
        Generation(name: "Gramine 1.3", recording: "gramine13", versions: [.tlsv12], style: .gramine13),
        Generation(name: "Gramine 1.9", recording: "gramine19", versions: [.tlsv12, .tlsv13], style: .gramine18),
    ]

    @Test(
        "get the secret in every version, encoding and way of sending", arguments: generations,
        [("raw", RunningBroker.secret), ("hex-nul", Array(RunningBroker.secret.hexString.utf8) + [0])])
    func released(generation: Generation, encoding: (name: String, secret: [UInt8])) async throws {
        var options = RunningBroker.Options()
        options.encoding = encoding.name
        let identity = try await RATLSCertificate.make(source: SimulatedQuoteSource(platform: RunningBroker.platform), style: generation.style)
        let credentials = RawClient.Credentials(
            certificateDER: identity.certificateDER, privateKeyPEM: Array(identity.privateKey.pemRepresentation.utf8))
        try await RunningBroker.with(options) { broker in
            let response = try ProvisioningResponse.header(secretCount: encoding.secret.count) + encoding.secret
            for version in generation.versions {
                for pieces in [[ProvisioningRequest.bytes], ProvisioningRequest.bytes.map { [$0] }, [ProvisioningRequest.bytes + [1, 2, 3]]] {
                    let client = RawClient(port: broker.port, credentials: credentials, version: version, pieces: pieces)
                    #expect(try await client.run() == response)
                }
                var dribbling = RawClient(port: broker.port, credentials: credentials, version: version, pieces: [ProvisioningRequest.bytes])
                dribbling.dribbles = true
                #expect(try await dribbling.run() == response)
            }
        }
    }

    @Test(
        "answers their recorded greeting with the newest TLS version that they know, whole and byte by byte",
        .enabled(if: SharedVectors.exist("ra-tls")), arguments: generations)
    func greeting(generation: Generation) async throws {
        let greeting = try SharedVectors.read("ra-tls/clienthello-\(generation.recording).bin")
        try await RunningBroker.with { broker in
            for pieces in [[greeting], greeting.map { [$0] }] {
                let flight = try await ServerFlight.answer(to: pieces, port: broker.port)
                #expect(flight.isTLS13 == generation.versions.contains(.tlsv13))
                // What follows in TLS 1.3 is encrypted.
                if !flight.isTLS13 {
                    // Client certificates with RSA (1) and with ECDSA keys (64), RFC 8422 section 5.5.
                    #expect(flight.certificateTypes?.contains(1) == true)
                    #expect(flight.certificateTypes?.contains(64) == true)
                }
            }
        }
    }

    @Test(
        "reads their recorded certificates as far as the quote, whose signature data the recordings lack",
        .enabled(if: SharedVectors.exist("ra-tls")),
        arguments: ["graphene-legacy-rsa3072.der", "gramine13-legacy.der", "gramine19-both-oids-p384.der"])
    func certificate(file: String) async throws {
        let verifier = PeerVerifier(roots: [RunningBroker.platform.rootOfTrust], collateral: SimulatedCollateral())
        let outcome = try await verifier.verify(certificateDER: SharedVectors.read("ra-tls/\(file)"), at: Date())
        #expect(outcome.report.firstFailure?.id == .quoteFormat, "\(outcome.report.text)")
    }

    @Test("speaks exactly the recorded bytes", .enabled(if: SharedVectors.exist("ra-tls")))
    func bytes() throws {
        let (request, header) = (try SharedVectors.read("ra-tls/request.bin"), try SharedVectors.read("ra-tls/response-header-16.bin"))
        let ours = try ProvisioningResponse.header(secretCount: 16)
        #expect(request == ProvisioningRequest.bytes)
        #expect(header == ours)
    }

    @Test("gives the new version of a secret that was rotated, and the old one again when the new one is revoked within the overlap window")
    func overlap() async throws {
        var options = RunningBroker.Options()
        options.storedSecret = true
        try await RunningBroker.with(options) { broker in
            _ = try broker.store.secrets.rotate("wrap-key", [UInt8](0..<16).span, overlap: .seconds(3600), at: Date())
            #expect(try await broker.ask() == Array(0..<16))
            try broker.store.secrets.revoke("wrap-key", version: 2, at: Date())
            #expect(try await broker.ask() == RunningBroker.secret)
        }
    }

    @Test("listens on IPv6, on both doors", .enabled(if: FileManager.default.fileExists(atPath: "/proc/net/if_inet6")))
    func ipv6() async throws {
        var options = RunningBroker.Options()
        options.address = "::1"
        try await RunningBroker.with(options) { broker in
            let secret = try await broker.ask(source: SimulatedQuoteSource(platform: RunningBroker.platform), host: "::1")
            #expect(secret == RunningBroker.secret)
            #expect(await broker.log.next()?.peer.hasPrefix("[::1]:") == true)
            #expect(try await broker.askByChallenge(host: "::1").count == 1)
        }
    }
}
