// SPDX-License-Identifier: Apache-2.0

import Attestation
import Testing

@Suite("TCB info and QE identity")
struct SignedStatementTests {
    private static func verify(_ change: (inout TestEvidence) -> Void) throws -> VerificationOutcome {
        var evidence = TestEvidence()
        change(&evidence)
        return try evidence.verify()
    }

    @Test("a signed body may be indented and ordered in any way: the signature is over its bytes")
    func indented() throws {
        let outcome = try Self.verify {
            $0.tcbInfo = $0.tcbInfo.replacing(",", with: " ,\n  ").replacing("{", with: "{\t").replacing(":0,", with: " : 0 ,")
        }
        #expect(outcome.verifiedQuote != nil, "\(outcome.report.summary)")
    }

    static let envelopes: [String] = [
        "{\"tcbInfo\":BODY,\"tcbInfo\":BODY,\"signature\":\"SIGNATURE\"}",
        "{\"tcbInfo\":BODY,\"tcb\\u0049nfo\":BODY,\"signature\":\"SIGNATURE\"}",
        "{\"tcbInfo\":BODY,\"enclaveIdentity\":BODY,\"signature\":\"SIGNATURE\"}",
        "{\"tcbInfo\":BODY,\"signature\":\"SIGNATURE\",\"signature\":\"SIGNATURE\"}",
        "{\"tcbInfo\":BODY,\"signature\":\"SIGNATURE\"}x",
        "{\"tcbInfo\":BODY,\"signature\":\"SIGNATURE\"}{}",
        "{\"tcbInfo\":BODY,\"signature\":\"SIGNATURE\",}",
        "{\"tcbInfo\":BODY,\"signature\":\"SIGNATUR\"}",
        "{\"tcbInfo\":BODY,\"signature\":12}",
        "{\"tcbInfo\":BODY}",
        "{\"tcbInfo\":[BODY],\"signature\":\"SIGNATURE\"}",
        "{\"tcbInfo\":\"{}\",\"signature\":\"SIGNATURE\"}",
        "[{\"tcbInfo\":BODY,\"signature\":\"SIGNATURE\"}]",
        "{\"a\":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]],\"tcbInfo\":BODY,\"signature\":\"SIGNATURE\"}",
        "{\"a\":01,\"tcbInfo\":BODY,\"signature\":\"SIGNATURE\"}",
        "{\"a\":\"\\ud800\",\"tcbInfo\":BODY,\"signature\":\"SIGNATURE\"}",
        "{\"a\":\"\n\",\"tcbInfo\":BODY,\"signature\":\"SIGNATURE\"}",
        "{\"a\":nul,\"tcbInfo\":BODY,\"signature\":\"SIGNATURE\"}",
        "{'a':1}", "{", "\"", "{\"a\":\"\\", "{\"a\":1.", "{\"a\":1e", "{\"a\":-", "", " ", "null", "{\"a\":\"\\u12\"}",
    ]

    @Test("an envelope that is not strict JSON of one body and one signature is refused", arguments: Self.envelopes)
    func envelope(form: String) throws {
        let outcome = try Self.verify {
            $0.tcbInfoEnvelope = { form.replacing("BODY", with: $0).replacing("SIGNATURE", with: $1) }
        }
        #expect(outcome.report.firstFailure?.id == .tcbInfoFormat)
    }

    @Test("members that are not known, huge numbers among them, do no harm")
    func unknownMembers() throws {
        let outcome = try Self.verify {
            $0.tcbInfo = $0.tcbInfo.replacing(
                "{\"id\"", with: "{\"n\":[1e999,-0.5E+3,123456789012345678901234567890,true,null,\"\\u00e9\\ud83d\\ude00\"],\"id\"")
            $0.tcbInfoEnvelope = { "\r\n {\"x\":{\"y\":[]},\"signature\":\"\($1.uppercased())\" , \"tcbInfo\": \($0) }\t" }
        }
        #expect(outcome.verifiedQuote != nil, "\(outcome.report.summary)")
    }

    @Test("a body that is not UTF-8, too long or too deep is refused")
    func limits() throws {
        let padding = String(repeating: " ", count: 1 << 20)
        #expect(
            try Self.verify { $0.tcbInfoEnvelope = { "{\"tcbInfo\":\($0),\"signature\":\"\($1)\"}" + padding } }.report.firstFailure?.id
                == .tcbInfoFormat)
        let deep = String(repeating: "[", count: 100_000)
        #expect(try Self.verify { $0.tcbInfoEnvelope = { _, _ in "{\"a\":\(deep)" } }.report.firstFailure?.id == .tcbInfoFormat)
    }

    static let bodies: [(old: String, new: String)] = [
        ("\"version\":3", "\"version\":4"), ("\"version\":3", "\"version\":1"), ("\"version\":3", "\"version\":3.0"),
        ("\"version\":3", "\"version\":\"3\""), ("\"id\":\"SGX\"", "\"id\":\"QVE\""), ("\"id\":\"SGX\",", ""),
        ("\"id\":\"SGX\"", "\"id\":\"SGX\",\"tdxModule\":{}"), ("\"tcbType\":0", "\"tcbType\":1"), ("\"tcbType\":0,", ""),
        ("\"fmspc\":\"00A0B0C0D0E0\"", "\"fmspc\":\"00A0B0C0D0\""), ("\"fmspc\":\"00A0B0C0D0E0\"", "\"fmspc\":\"00A0B0C0D0EX\""),
        ("\"pceId\":\"0000\"", "\"pceId\":0"), ("\"tcbEvaluationDataNumber\":30", "\"tcbEvaluationDataNumber\":-1"),
        ("2030-06-10T00:00:00Z", "2030-06-10T00:00:00+00:00"), ("2030-06-10T00:00:00Z", "2030-02-30T00:00:00Z"),
        ("2030-07-10T00:00:00Z", "2030-07-10"), ("{\"svn\":7},", ""), ("{\"svn\":7}", "{\"svn\":256}"), ("{\"svn\":7}", "{\"svn\":-1}"),
        ("{\"svn\":7}", "7"), ("\"pcesvn\":13", "\"pcesvn\":65536"), ("\"tcbStatus\":\"UpToDate\"", "\"tcbStatus\":\"TDRelaunchAdvised\""),
        ("\"tcbStatus\":\"UpToDate\"", "\"tcbStatus\":\"uptodate\""), ("\"advisoryIDs\":[]", "\"advisoryIDs\":[1]"),
        ("\"tcbDate\":\"2029-01-01T00:00:00Z\",", ""), ("\"tcbLevels\":[", "\"tcbLevels\":[],\"other\":["),
    ]

    @Test("TCB info with a member missing, of another type or out of range is refused", arguments: Self.bodies)
    func body(old: String, new: String) throws {
        let outcome = try Self.verify {
            let spoiled = $0.tcbInfo.replacing(old, with: new, maxReplacements: 1)
            #expect(spoiled != $0.tcbInfo)
            $0.tcbInfo = spoiled
        }
        #expect(outcome.report.firstFailure?.id == .tcbInfoContent)
    }

    static let identities: [(old: String, new: String, check: Check.ID)] = [
        ("\"version\":2", "\"version\":3", .qeIdentityContent), ("\"isvprodid\":1", "\"isvprodid\":65536", .qeIdentityContent),
        ("\"miscselect\":\"00000000\"", "\"miscselect\":\"000000\"", .qeIdentityContent),
        ("\"UpToDate\"", "\"SWHardeningNeeded\"", .qeIdentityContent),
        ("\"tcbLevels\":[", "\"tcbLevels\":[],\"x\":[", .qeIdentityContent), ("\"id\":\"QE\"", "\"id\":\"TD_QE\"", .qeIdentityID),
        ("\"miscselect\":\"00000000\"", "\"miscselect\":\"01000000\"", .qeIdentityMiscSelect),
        ("\"attributes\":\"11", "\"attributes\":\"15", .qeIdentityAttributes), ("\"mrsigner\":\"00", "\"mrsigner\":\"01", .qeIdentityMRSigner),
        ("\"isvprodid\":1", "\"isvprodid\":2", .qeIdentityISVProdID), ("\"isvsvn\":5", "\"isvsvn\":6", .qeIdentityTCBLevel),
        ("2030-07-10", "2030-06-15", .qeIdentityFreshness), ("2030-06-10", "2030-06-16", .qeIdentityFreshness),
    ]

    @Test("a QE identity that does not fit fails the check that it is about", arguments: Self.identities)
    func identity(old: String, new: String, check: Check.ID) throws {
        let outcome = try Self.verify { $0.qeIdentity = $0.qeIdentity.replacing(old, with: new, maxReplacements: 1) }
        #expect(outcome.report.firstFailure?.id == check)
    }

    @Test("a debug quoting enclave is refused even where the identity's mask would let it pass")
    func debugQE() throws {
        let outcome = try Self.verify {
            $0.qeFlags = 0x13
            $0.qeIdentity = $0.qeIdentity.replacing("FBFFFFFF", with: "F9FFFFFF")
        }
        #expect(outcome.report.firstFailure?.id == .qeReportDebug)
    }

    @Test("the quoting enclave's report binds key and authentication data, and zeros after them", arguments: [0, 1, 31, 32, 64, 1000])
    func keyBinding(count: Int) throws {
        #expect(try Self.verify { $0.qeAuthenticationData = [UInt8](repeating: 7, count: count) }.verifiedQuote != nil)
        let outcome = try Self.verify {
            $0.qeAuthenticationData = [UInt8](repeating: 7, count: count)
            $0.qeReportDataRest[count % 32] = 1
        }
        #expect(outcome.report.firstFailure?.id == .qeReportKeyBinding)
    }

    @Test("bits outside the masks are not looked at, and none may be expected there")
    func masks() throws {
        #expect(try Self.verify { $0.qeFlags = 0x15 }.verifiedQuote != nil)  // MODE64BIT is outside of the mask FB...
        for (old, new, check) in [
            ("\"attributesMask\":\"FB", "\"attributesMask\":\"EB", Check.ID.qeIdentityAttributes),
            ("\"miscselect\":\"00000000\",\"miscselectMask\":\"FF", "\"miscselect\":\"01000000\",\"miscselectMask\":\"FE", .qeIdentityMiscSelect),
        ] {
            let outcome = try Self.verify {
                #expect($0.qeIdentity.contains(old))
                $0.qeIdentity = $0.qeIdentity.replacing(old, with: new)
            }
            #expect(outcome.report.firstFailure?.id == check)
        }
    }

    @Test("the QE identity's chain is judged for itself")
    func ownChain() throws {
        let other = TestEvidence()
        let root = try other.root.encode(signedBy: other.rootKey)
        let cases: [(@Sendable (inout Collateral) -> Void, Check.ID)] = [
            ({ $0.qeIdentityIssuerChain = [] }, .qeIdentityChainFormat),
            ({ $0.qeIdentityIssuerChain += [0x41] }, .qeIdentityChainFormat),
            ({ $0.qeIdentityIssuerChain = TestEvidence.pem(root) + TestEvidence.pem(root) }, .qeIdentityChainNames),
        ]
        for (change, check) in cases {
            #expect(try Self.verify { $0.changeCollateral = change }.report.firstFailure?.id == check)
        }
    }

    /// Spoils the certificate of the QE identity's signer alone: the TCB info has a chain of its own, with the same key.
    static let signers: [(spoil: @Sendable (inout TestCertificate) -> Void, isSignedByRoot: Bool, check: Check.ID)] = [
        ({ _ in }, false, .qeIdentityChainSignature), ({ $0.serial = [9] }, true, .qeIdentityChainRevocation),
        ({ $0.commonName = "Test SGX PCK Certificate" }, true, .qeIdentityChainNames),
        ({ $0.setKeyUsage(0x40) }, true, .qeIdentityChainProfile), ({ $0.notAfter = "300615115959Z" }, true, .qeIdentityChainValidity),
        ({ $0.notBefore = "300615120001Z" }, true, .qeIdentityChainValidity),
    ]

    @Test("a spoiled signer of the QE identity fails the check that it is about", arguments: Self.signers.indices)
    func ownSigner(index: Int) throws {
        let (spoil, isSignedByRoot, check) = Self.signers[index]
        var evidence = TestEvidence()
        evidence.rootCRL.serials = [[9]]
        var signer = evidence.signer
        spoil(&signer)
        let der = try signer.encode(signedBy: isSignedByRoot ? evidence.rootKey : evidence.pckKey)
        let root = try evidence.root.encode(signedBy: evidence.rootKey)
        evidence.fixedRoot = root
        evidence.changeCollateral = { $0.qeIdentityIssuerChain = TestEvidence.pem(der) + TestEvidence.pem(root) }
        #expect(try evidence.verify().report.firstFailure?.id == check)
    }

    @Test("sixteen levels of nesting are read, and a text of just the greatest size")
    func innerLimits() throws {
        let nested = String(repeating: "[", count: 15) + String(repeating: "]", count: 15)
        #expect(try Self.verify { $0.tcbInfoEnvelope = { "{\"a\":\(nested),\"tcbInfo\":\($0),\"signature\":\"\($1)\"}" } }.verifiedQuote != nil)
        for (excess, isRead) in [(0, true), (1, false)] {
            let outcome = try Self.verify {
                $0.tcbInfoEnvelope = {
                    let envelope = "{\"tcbInfo\":\($0),\"signature\":\"\($1)\"}"
                    return envelope + String(repeating: " ", count: (1 << 20) - envelope.utf8.count + excess)
                }
            }
            #expect((outcome.verifiedQuote != nil) == isRead)
        }
    }

    @Test("TCB info of another platform is refused")
    func otherPlatform() throws {
        #expect(try Self.verify { $0.tcbInfo = TestTCBInfo(fmspc: "00A0B0C0D0E1").body }.report.firstFailure?.id == .tcbInfoFMSPC)
        #expect(try Self.verify { $0.tcbInfo = TestTCBInfo(pceID: "0100").body }.report.firstFailure?.id == .tcbInfoPCEID)
    }
}
