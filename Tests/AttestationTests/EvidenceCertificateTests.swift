// SPDX-License-Identifier: Apache-2.0

import Attestation
import ByteCoding
import Crypto
import Foundation
import SimulatedTEE
import SwiftASN1
import TestSupport
import Testing
import X509

@Suite("RA-TLS certificates")
struct EvidenceCertificateTests {
    /// A certificate of a real client, with the quotes that lie in it.
    struct Sample: Sendable, CustomTestStringConvertible {
        let file: String
        let form: RATLSCertificate.Form
        let keyKind: RATLSCertificate.KeyKind
        let quoteFile: String

        var testDescription: String { self.file }
    }

    static let samples = [
        Sample(file: "graphene-legacy-rsa3072.der", form: .legacy, keyKind: .rsa3072, quoteFile: "graphene-legacy-rsa3072.quote.bin"),
        Sample(file: "gramine13-legacy.der", form: .legacy, keyKind: .rsa3072, quoteFile: "gramine13-legacy.quote.bin"),
        Sample(file: "gramine19-both-oids-p384.der", form: .taggedEvidence, keyKind: .p384, quoteFile: "gramine19-quote-evidence.bin"),
    ]

    @Test("certificates of every Gramine generation are read", .enabled(if: SharedVectors.exist("ra-tls")), arguments: samples)
    func realClients(sample: Sample) throws {
        let certificate = try RATLSCertificate(decoding: SharedVectors.read("ra-tls/\(sample.file)"))
        let quote = try SharedVectors.read("ra-tls/\(sample.quoteFile)")
        #expect(certificate.form == sample.form)
        #expect(certificate.keyKind == sample.keyKind)
        #expect(certificate.quote == quote)
        #expect(certificate.subjectPublicKeyInfo.count == (sample.keyKind == .rsa3072 ? 422 : 120))
        // The report data of a version 3 quote.
        #expect(certificate.expectedReportData.bytes == Array(quote[368..<432]))
        // The vectors' quotes have the right shape but no signatures, so that they are not parsed; a simulated one stands in.
        let platform = try SimulatedPlatform.create(at: .now)
        let standIn = try platform.quote(reportData: certificate.expectedReportData)
        let report = certificate.checkBinding(to: try Quote(decoding: standIn.span))
        #expect(report.allPassed, "\(report.text)")
        #expect(report.checks.map(\.id) == EvidenceChecks.plan)
    }

    @Test("a made certificate is read again, and its quote binds its key")
    func roundTrip() async throws {
        let platform = try SimulatedPlatform.create(at: .now)
        let identity = try await RATLSCertificate.make(source: SimulatedQuoteSource(platform: platform))
        let certificate = try RATLSCertificate(decoding: identity.certificateDER)
        #expect(certificate.form == .taggedEvidence)
        #expect(certificate.keyKind == .p384)
        #expect(certificate.subjectPublicKeyInfo == identity.privateKey.subjectPublicKeyInfo)
        let report = certificate.checkBinding(to: try Quote(decoding: certificate.quote.span))
        #expect(report.allPassed, "\(report.text)")
        #expect("\(identity)" == "RATLSIdentity(<redacted>)")
    }

    @Test(
        "certificates of every kind are made, read again, and bind their key",
        arguments: [RATLSCertificate.KeyKind.p256, .p384, .rsa3072], RATLSCertificateStyle.Evidence.allCases)
    func everyStyle(keyKind: RATLSCertificate.KeyKind, evidence: RATLSCertificateStyle.Evidence) async throws {
        let source = SimulatedQuoteSource(platform: try SimulatedPlatform.create(at: .now))
        for identifier in RATLSCertificateStyle.LegacyIdentifier.allCases {
            let style = RATLSCertificateStyle(keyKind: keyKind, evidence: evidence, legacyIdentifier: identifier)
            let identity = try await RATLSCertificate.make(source: source, style: style)
            let certificate = try RATLSCertificate(decoding: identity.certificateDER)
            #expect(certificate.keyKind == keyKind)
            #expect(certificate.form == (evidence == .legacy ? .legacy : .taggedEvidence))
            #expect(certificate.subjectPublicKeyInfo == identity.privateKey.subjectPublicKeyInfo)
            let report = certificate.checkBinding(to: try Quote(decoding: certificate.quote.span))
            #expect(report.allPassed, "\(report.text)")
            let wrong: [UInt8] = [0x06, 0x0b, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x8a, 0x39, 0x06]
            #expect(identity.certificateDER.contains(wrong) == (evidence != .tagged && identifier == .malformed))
        }
    }

    @Test(
        "made certificates of older generations are theirs in all but key and quote", .enabled(if: SharedVectors.exist("ra-tls")),
        arguments: [("graphene-legacy-rsa3072.der", RATLSCertificateStyle.graphene), ("gramine13-legacy.der", .gramine13)])
    func sameAsOlder(file: String, style: RATLSCertificateStyle) async throws {
        let identity = try await RATLSCertificate.make(
            source: SimulatedQuoteSource(platform: try SimulatedPlatform.create(at: .now)), style: style)
        let ours = try Certificate(derEncoded: identity.certificateDER)
        let theirBytes = try SharedVectors.read("ra-tls/\(file)")
        let theirs = try Certificate(derEncoded: theirBytes)
        #expect(ours.signatureAlgorithm == theirs.signatureAlgorithm)
        #expect(ours.extensions.map(\.oid) == theirs.extensions.map(\.oid))
        #expect(identity.privateKey.subjectPublicKeyInfo.count == 422)
        // Version to subject, after the lengths of the two outer sequences: byte for byte.
        let fields = try Self.encodedFields(identity.certificateDER)
        #expect(fields == (try Self.encodedFields(theirBytes)))
        #expect(!fields.isEmpty)
    }

    /// Version, serial number, signature algorithm, issuer, validity and subject as they are encoded.
    private static func encodedFields(_ der: [UInt8]) throws -> [[UInt8]] {
        let body = try DER.sequence(DER.parse(der), identifier: .sequence) { nodes in
            let first = nodes.next()
            while nodes.next() != nil {}
            return first
        }
        guard case .constructed(let fields) = try #require(body).content else { return [] }
        return fields.prefix(6).map { Array($0.encodedBytes) }
    }

    @Test("a made certificate is current Gramine's in all but key and quotes", .enabled(if: SharedVectors.exist("ra-tls")))
    func sameAsGramine() async throws {
        let platform = try SimulatedPlatform.create(at: .now)
        let identity = try await RATLSCertificate.make(source: SimulatedQuoteSource(platform: platform))
        let ours = try Certificate(derEncoded: identity.certificateDER)
        let theirs = try Certificate(derEncoded: SharedVectors.read("ra-tls/gramine19-both-oids-p384.der"))
        #expect(ours.version == theirs.version)
        #expect(ours.serialNumber == theirs.serialNumber)
        #expect(ours.issuer == theirs.issuer)
        #expect(ours.subject == theirs.subject)
        #expect(ours.notValidBefore == theirs.notValidBefore)
        #expect(ours.notValidAfter == theirs.notValidAfter)
        #expect(ours.signatureAlgorithm == theirs.signatureAlgorithm)
        #expect(ours.extensions.map(\.oid) == theirs.extensions.map(\.oid))
        #expect(ours.extensions.allSatisfy { !$0.critical })
        // The malformed identifier, byte for byte as its readers search for it.
        let identifier: [UInt8] = [0x06, 0x0b, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x8a, 0x39, 0x06]
        #expect(!identity.certificateDER.split(separator: identifier).isEmpty && identity.certificateDER.contains(identifier))
        // Version to subject: the same bytes, after the lengths of the two outer sequences.
        let theirBytes = try SharedVectors.read("ra-tls/gramine19-both-oids-p384.der")
        #expect(identity.certificateDER[8..<198] == theirBytes[8..<198])
    }

    @Test("a certificate cut short anywhere is malformed")
    func truncation() async throws {
        let der = try await Self.made().certificateDER
        for length in 0..<der.count {
            let error = #expect(throws: EvidenceError.self) { try RATLSCertificate(decoding: Array(der.prefix(length))) }
            #expect(error?.code == .malformedCertificate)
        }
    }

    @Test("no changed byte goes unseen")
    func flippedBytes() async throws {
        let der = try await Self.made().certificateDER
        let quote = try Quote(decoding: RATLSCertificate(decoding: der).quote.span)
        for index in stride(from: 0, to: der.count, by: 37) {
            var changed = der
            changed[index] ^= 0x04
            guard let certificate = try? RATLSCertificate(decoding: changed) else { continue }
            #expect(!certificate.checkBinding(to: quote).allPassed, "byte \(index)")
        }
    }

    @Test("evidence copied from another certificate fails the key hash")
    func copiedEvidence() async throws {
        let stolen = try Certificate(derEncoded: await Self.made().certificateDER)
        let der = try Self.certificate(key: .init(P384.Signing.PrivateKey()), extensions: Array(stolen.extensions))
        let certificate = try RATLSCertificate(decoding: der)
        let report = certificate.checkBinding(to: try Quote(decoding: certificate.quote.span))
        #expect(report.firstFailure?.id == .evidenceKeyHash)
        #expect(report[.evidenceKeyBinding]?.outcome == .notReached)
    }

    @Test("a quote copied from another legacy certificate fails the key binding")
    func copiedQuote() async throws {
        let stolen = try Certificate(derEncoded: await Self.made().certificateDER)
        let legacy = stolen.extensions.filter { $0.oid == [0, 6, 9, 42, 840, 113741, 1337, 6] }
        let certificate = try RATLSCertificate(decoding: Self.certificate(key: .init(P384.Signing.PrivateKey()), extensions: legacy))
        #expect(certificate.form == .legacy)
        let report = certificate.checkBinding(to: try Quote(decoding: certificate.quote.span))
        #expect(report.firstFailure?.id == .evidenceKeyBinding)
    }

    @Test("a quote other than the certificate's fails the key binding")
    func otherQuote() async throws {
        let certificate = try RATLSCertificate(decoding: await Self.made().certificateDER)
        let other = try RATLSCertificate(decoding: await Self.made().certificateDER)
        #expect(certificate.checkBinding(to: try Quote(decoding: other.quote.span)).firstFailure?.id == .evidenceKeyBinding)
    }

    @Test("a certificate signed by another key fails the self-signature")
    func foreignSignature() async throws {
        let genuine = try Certificate(derEncoded: await Self.made().certificateDER)
        let der = try Self.certificate(
            key: .init(P384.Signing.PrivateKey()), publicKey: genuine.publicKey, extensions: Array(genuine.extensions))
        let certificate = try RATLSCertificate(decoding: der)
        #expect(certificate.checkBinding(to: try Quote(decoding: certificate.quote.span)).firstFailure?.id == .evidenceSelfSignature)
    }

    @Test("the legacy quote is read under the identifier that was meant, too")
    func rightIdentifier() async throws {
        let key = P256.Signing.PrivateKey()
        let reportData = try #require(ReportData(paddingWithZeros: Array(SHA256.hash(data: key.publicKey.derRepresentation))))
        let quote = try SimulatedPlatform.create(at: .now).quote(reportData: reportData)
        let certificate = try RATLSCertificate(
            decoding: Self.certificate(
                key: .init(key), extensions: [Certificate.Extension(oid: [1, 2, 840, 113741, 1337, 6], critical: false, value: quote[...])]))
        #expect(certificate.form == .legacy)
        #expect(certificate.keyKind == .p256)
        #expect(certificate.checkBinding(to: try Quote(decoding: quote.span)).allPassed)
    }

    @Test("two quotes of the legacy form are refused")
    func twoQuotes() throws {
        let value = [UInt8](repeating: 7, count: 200)[...]
        let der = try Self.certificate(
            key: .init(P256.Signing.PrivateKey()),
            extensions: [
                Certificate.Extension(oid: [1, 2, 840, 113741, 1337, 6], critical: false, value: value),
                Certificate.Extension(oid: [0, 6, 9, 42, 840, 113741, 1337, 6], critical: false, value: value),
            ])
        Self.expect(.malformedEvidence, .evidenceFormat, decoding: der)
    }

    @Test("an extension outside Gramine's sizes is refused", arguments: [(127, false), (128, true), (8192, true), (8193, false)])
    func sizes(count: Int, isRead: Bool) throws {
        let der = try Self.certificate(
            key: .init(P256.Signing.PrivateKey()),
            extensions: [
                Certificate.Extension(oid: [0, 6, 9, 42, 840, 113741, 1337, 6], critical: false, value: [UInt8](repeating: 7, count: count)[...])
            ])
        if isRead {
            #expect(try RATLSCertificate(decoding: der).quote.count == count)
        } else {
            Self.expect(.malformedEvidence, .evidenceFormat, decoding: der)
        }
    }

    @Test("a critical evidence extension is refused")
    func critical() throws {
        let der = try Self.certificate(
            key: .init(P256.Signing.PrivateKey()),
            extensions: [
                Certificate.Extension(oid: [0, 6, 9, 42, 840, 113741, 1337, 6], critical: true, value: [UInt8](repeating: 7, count: 200)[...])
            ])
        Self.expect(.malformedEvidence, .evidenceFormat, decoding: der)
    }

    @Test("malformed tagged evidence is not got round by a good legacy quote")
    func noFallback() async throws {
        let key = P384.Signing.PrivateKey()
        let reportData = try #require(ReportData(paddingWithZeros: Array(SHA256.hash(data: key.publicKey.derRepresentation))))
        let quote = try SimulatedPlatform.create(at: .now).quote(reportData: reportData)
        let der = try Self.certificate(
            key: .init(key),
            extensions: [
                Certificate.Extension(oid: [0, 6, 9, 42, 840, 113741, 1337, 6], critical: false, value: quote[...]),
                Certificate.Extension(oid: [2, 23, 133, 5, 4, 9], critical: false, value: [UInt8](repeating: 0x80, count: 200)[...]),
            ])
        Self.expect(.malformedEvidence, .evidenceFormat, decoding: der)
    }

    @Test("an ordinary certificate has no evidence")
    func noEvidence() throws {
        Self.expect(.noEvidence, .evidenceFormat, decoding: try Self.certificate(key: .init(P256.Signing.PrivateKey()), extensions: []))
    }

    @Test("keys that RA-TLS does not use are refused by name")
    func otherKeys() throws {
        Self.expect(.unsupportedKey, .evidenceKeyKind, decoding: try Self.certificate(key: .init(P521.Signing.PrivateKey()), extensions: []))
        Self.expect(.unsupportedKey, .evidenceKeyKind, decoding: try Self.certificate(key: .init(Curve25519.Signing.PrivateKey()), extensions: []))
    }

    private static func expect(_ code: EvidenceError.Code, _ check: Check.ID, decoding der: [UInt8], _ location: SourceLocation = #_sourceLocation) {
        let error = #expect(throws: EvidenceError.self, sourceLocation: location) { try RATLSCertificate(decoding: der) }
        #expect(error?.code == code, sourceLocation: location)
        #expect(error.map(EvidenceChecks.report(of:))?.firstFailure?.id == check, sourceLocation: location)
        #expect(error.map(EvidenceChecks.report(of:))?.firstFailure?.remedy?.isEmpty == false, sourceLocation: location)
    }

    private static func made() async throws -> RATLSIdentity {
        try await RATLSCertificate.make(source: SimulatedQuoteSource(platform: try SimulatedPlatform.create(at: .now)))
    }

    private static func certificate(
        key: Certificate.PrivateKey, publicKey: Certificate.PublicKey? = nil, extensions: [Certificate.Extension]
    ) throws -> [UInt8] {
        let name = try DistinguishedName { CommonName("RATLS") }
        let certificate = try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(bytes: [1]), publicKey: publicKey ?? key.publicKey,
            notValidBefore: Date(timeIntervalSince1970: 0), notValidAfter: Date(timeIntervalSince1970: 4_000_000_000), issuer: name, subject: name,
            extensions: Certificate.Extensions(extensions), issuerPrivateKey: key)
        var serializer = DER.Serializer()
        try serializer.serialize(certificate)
        return serializer.serializedBytes
    }
}
