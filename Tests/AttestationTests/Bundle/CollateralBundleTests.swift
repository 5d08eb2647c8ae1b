// SPDX-License-Identifier: Apache-2.0

import Attestation
import ByteCoding
import Foundation
import SimulatedTEE
import TestSupport
import Testing

@Suite("Bundles of collateral")
struct CollateralBundleTests {
    static let time = Date(timeIntervalSince1970: 1_800_000_000)
    // swift-format-ignore: NeverUseForceTry
    static let platforms = try! [SimulatedPlatform.create(at: time), SimulatedPlatform.create(at: time)]

    private static func entry(_ platform: SimulatedPlatform) throws -> CollateralEntry {
        CollateralEntry(
            key: CollateralKey(tee: .sgx, fmspc: platform.fmspc, certificateAuthority: .platform),
            collateral: try platform.collateral(at: Self.time), fetchedAt: Self.time, source: "https://pccs.example/\"ü\"")
    }

    private static func quote(_ platform: SimulatedPlatform) throws -> [UInt8] {
        try platform.quote(reportData: ReportData(paddingWithZeros: [1])!)
    }

    @Test("come out of their JSON as they went in, every byte of the collateral")
    func roundTrip() throws {
        var entry = try Self.entry(Self.platforms[0])
        var collateral = entry.collateral
        // Signed bodies may be laid out in any way, and hold any text.
        collateral.tcbInfo = Array("{\r\n\t\"a\\/b\": \"\\u00fc ü \u{2028}</\"  }\n\n".utf8)
        collateral.pckChain = Array("-----BEGIN\r\n".utf8)
        entry = CollateralEntry(key: entry.key, collateral: collateral, fetchedAt: entry.fetchedAt, source: entry.source)
        let bundle = CollateralBundle([entry, try Self.entry(Self.platforms[1])])
        let read = try CollateralBundle(decoding: bundle.encode())
        #expect(Set(read.entries) == Set(bundle.entries))
        #expect(try read.encode() == bundle.encode())
    }

    @Test("hold one entry a kind of platform, the latest")
    func unique() throws {
        let old = try Self.entry(Self.platforms[0])
        let new = CollateralEntry(key: old.key, collateral: old.collateral, fetchedAt: Self.time.addingTimeInterval(1), source: "")
        #expect(CollateralBundle([old, new]).entries == [new])
    }

    @Test("give a quote the collateral of its platform")
    func choice() throws {
        let bundle = CollateralBundle(try Self.platforms.map(Self.entry))
        for platform in Self.platforms {
            let quote = try Self.quote(platform)
            let outcome = QuoteVerifier(roots: [platform.rootOfTrust])
                .verify(encodedQuote: quote, collateral: try bundle.collateral(forEncodedQuote: quote), at: Self.time)
            #expect(outcome.report.firstFailure == nil)
        }
        let stranger = try Self.quote(SimulatedPlatform.create(at: Self.time))
        let error = #expect(throws: CollateralBundleError.self) { try bundle.collateral(forEncodedQuote: stranger) }
        #expect(error?.code == .noEntry)
        // With a single entry verification says what does not fit.
        let single = CollateralBundle([try Self.entry(Self.platforms[0])])
        let outcome = QuoteVerifier(roots: [Self.platforms[0].rootOfTrust])
            .verify(encodedQuote: try Self.quote(Self.platforms[0]), collateral: try single.collateral(forEncodedQuote: stranger), at: Self.time)
        #expect(outcome.report.firstFailure == nil)
        // Bytes that are no quote are for verification to refuse.
        #expect(try bundle.collateral(forEncodedQuote: [1, 2, 3]).tcbInfo.isEmpty)
    }

    @Test("are read in the form of dcap-qvl, with signatures apart from bodies")
    func foreignForm() throws {
        let platform = Self.platforms[0]
        let collateral = try platform.collateral(at: Self.time)
        func parts(_ envelope: [UInt8], _ name: String) throws -> (body: String, signature: String) {
            let text = String(decoding: envelope, as: UTF8.self)
            let separator = try #require(text.range(of: ",\"signature\":\""))
            return (String(text[..<separator.lowerBound].dropFirst("{\"\(name)\":".count)), String(text[separator.upperBound...].dropLast(2)))
        }
        let (tcb, tcbSignature) = try parts(collateral.tcbInfo, "tcbInfo")
        let (qe, qeSignature) = try parts(collateral.qeIdentity, "enclaveIdentity")
        let object = [
            "pck_crl_issuer_chain": String(decoding: collateral.pckCRLIssuerChain, as: UTF8.self), "root_ca_crl": collateral.rootCACRL.hexString,
            "pck_crl": collateral.pckCRL.hexString, "tcb_info": tcb, "tcb_info_signature": tcbSignature,
            "tcb_info_issuer_chain": String(decoding: collateral.tcbInfoIssuerChain, as: UTF8.self), "qe_identity": qe,
            "qe_identity_signature": qeSignature, "qe_identity_issuer_chain": String(decoding: collateral.qeIdentityIssuerChain, as: UTF8.self),
        ]
        let bundle = try CollateralBundle(decoding: Array(JSONEncoder().encode(object)))
        #expect(bundle.entries.map(\.key) == [CollateralKey(tee: .sgx, fmspc: platform.fmspc, certificateAuthority: .platform)])
        let quote = try Self.quote(platform)
        let outcome = QuoteVerifier(roots: [platform.rootOfTrust])
            .verify(encodedQuote: quote, collateral: try bundle.collateral(forEncodedQuote: quote), at: Self.time)
        #expect(outcome.report.firstFailure == nil)
    }

    @Test(
        "that are malformed are refused, and the place is told",
        arguments: [
            ("", "not a bundle"), ("[]", "not a bundle"), ("{}", "\"format\""), (#"{"format":"other","version":1}"#, "\"format\""),
            (#"{"format":"sealwright-collateral"}"#, "version"), (#"{"format":"sealwright-collateral","version":1}"#, "\"entries\" is missing"),
            (#"{"format":"sealwright-collateral","version":1,"entries":[{}]}"#, "entries.[0]"),
            (#"{"format":"sealwright-collateral","version":1,"entries":{}}"#, "entries"), (#"{"tcb_info":"{}"}"#, "missing"),
            (String(repeating: "[", count: 10_000), "not a bundle"),
        ])
    func malformed(text: String, place: String) {
        let error = #expect(throws: CollateralBundleError.self) { try CollateralBundle(decoding: Array(text.utf8)) }
        #expect(error?.message.contains(place) == true, "\(error?.message ?? "")")
        #expect(error?.code == .malformed || error?.code == .unknownVersion)
    }

    @Test("of another version are refused by name")
    func version() {
        let error = #expect(throws: CollateralBundleError.self) {
            try CollateralBundle(decoding: Array(#"{"format":"sealwright-collateral","version":2,"entries":[]}"#.utf8))
        }
        #expect(error?.code == .unknownVersion)
    }

    @Test("with a wrong member are refused by its name", arguments: ["tee", "fmspc", "ca", "fetched_at", "pck_crl", "root_ca_crl", "tcb_info"])
    func wrongMember(name: String) throws {
        let text = try CollateralBundle([Self.entry(Self.platforms[0])]).encode()
        var object = try #require(try JSONSerialization.jsonObject(with: Data(text)) as? [String: Any])
        var entry = try #require((object["entries"] as? [[String: Any]])?.first)
        entry[name] = name == "tcb_info" ? 7 as Any : "zz" as Any
        object["entries"] = [entry]
        let bytes = Array(try JSONSerialization.data(withJSONObject: object))
        let error = #expect(throws: CollateralBundleError.self) { try CollateralBundle(decoding: bytes) }
        #expect(error?.code == .malformed)
        #expect(error?.message.contains(name) == true, "\(error?.message ?? "")")
    }

    @Test("that are cut short anywhere are refused")
    func truncation() throws {
        let text = try CollateralBundle([Self.entry(Self.platforms[0])]).encode()
        for length in stride(from: 0, to: text.count - 2, by: 101) {
            #expect(throws: CollateralBundleError.self) { try CollateralBundle(decoding: Array(text.prefix(length))) }
        }
    }

    @Test("cannot hold what is no text")
    func notText() throws {
        let entry = try Self.entry(Self.platforms[0])
        var collateral = entry.collateral
        collateral.qeIdentity = [0xff, 0xfe]
        let bundle = CollateralBundle([CollateralEntry(key: entry.key, collateral: collateral, fetchedAt: Self.time, source: "")])
        let error = #expect(throws: CollateralBundleError.self) { try bundle.encode() }
        #expect(error?.code == .notText)
    }
}
