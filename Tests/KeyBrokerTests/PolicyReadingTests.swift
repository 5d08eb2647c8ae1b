// SPDX-License-Identifier: Apache-2.0

import Attestation
import ByteCoding
import Foundation
import KeyBroker
import SecretProvisioning
import TestSupport
import Testing

@Suite("Policy files")
struct PolicyReadingTests {
    static let measurement = String(repeating: "7d", count: 32)

    static let whole = """
        version: 1
        secrets:
          - name: wrap-key
            file: keys/wrap-key
            encoding: hex-nul
            production: false
          - name: other
            file: /abs/other
        rules:
          - secret: wrap-key
            sgx:
              mr_enclave: [\(measurement)]
              mr_signer: \(measurement)
              isv_prod_id: 0
              minimum_isv_svn: 3
            tcb:
              accept: [UpToDate, OutOfDate]
              advisories: { allow: [INTEL-SA-00615], deny: INTEL-SA-1 }
            freshness: tls-only
            waivers:
              - allow: out-of-date-tcb
                reason: "BIOS update booked"
                until: 2026-12-24
          - secret: other
            sgx: { mr_enclave: [] }
            model: \(measurement)
        """

    private static func policy(_ yaml: String) throws(KeyBrokerError) -> Policy { try Policy(yaml: Array(yaml.utf8), file: "conf/policy.yaml") }

    @Test("are read with all their keys")
    func everything() throws {
        let policy = try Self.policy(Self.whole)
        let secret = try #require(policy.secret(named: "wrap-key"))
        #expect(secret.source == .file("conf/keys/wrap-key"))
        #expect(secret.encoding == .hexNUL)
        #expect(!secret.isProduction)
        let rule = policy.rules[0]
        let measurement = try #require(Measurement(hex: Self.measurement))
        #expect(
            rule.sgx
                == SGXReferenceValues(mrEnclave: .anyOf([measurement]), mrSigner: .anyOf([measurement]), isvProdID: .anyOf([0]), minimumISVSVN: 3))
        #expect(
            rule.tcb
                == TCBRequirements(
                    acceptedStatuses: [.upToDate, .outOfDate], advisories: .only(["INTEL-SA-00615"]), deniedAdvisories: ["INTEL-SA-1"]))
        #expect(rule.models == .notGiven)
        #expect(rule.freshness == .tlsOnly)
        #expect(rule.waivers.map(\.kind) == [.outOfDateTCB])
        #expect(rule.waivers[0].isInForce(at: Date(timeIntervalSince1970: 1_798_156_799)))  // 2026-12-24T23:59:59Z
        #expect(!rule.waivers[0].isInForce(at: Date(timeIntervalSince1970: 1_798_156_800)))
    }

    @Test("are read with all keys of a trust domain")
    func trustDomain() throws {
        let fields = [
            "mr_td", "mr_seam", "mr_signer_seam", "mr_config_id", "mr_owner", "mr_owner_config", "rtmr0", "rtmr1", "rtmr2", "rtmr3", "mr_service_td",
        ]
        let measurements = fields.enumerated().map { String(repeating: "0\(String($0.offset, radix: 16))", count: 48) }
        let lines =
            zip(fields, measurements).map { "      \($0): \($1)" } + ["      td_attributes: [0000001000000000]", "      xfam: e702060000000000"]
        let head = "version: 1\nsecrets: [{ name: key, file: key }]\nrules:\n  - secret: key\n    tdx:\n"
        let policy = try Self.policy(head + lines.joined(separator: "\n"))
        let tdx = try #require(policy.rules[0].tdx)
        let read = [
            tdx.mrTD, tdx.mrSeam, tdx.mrSignerSeam, tdx.mrConfigID, tdx.mrOwner, tdx.mrOwnerConfig, tdx.rtmr0, tdx.rtmr1, tdx.rtmr2, tdx.rtmr3,
            tdx.mrServiceTD,
        ]
        #expect(read == measurements.map { TDMeasurement(hex: $0).map { .anyOf([$0]) } ?? .notGiven })
        #expect(tdx.tdAttributes == .anyOf([TDAttributes(bits: 1 << 28)]))
        #expect(tdx.xfam.isGiven)
        #expect(policy.rules[0].sgx == nil)
        #expect(throws: KeyBrokerError.self) { try Self.policy(head + "      mr_td: [7d]") }
        let loose = try Self.policy(head + "      mr_td: \(measurements[0])")
        #expect(loose.findings(at: .now).contains { $0.message.contains("without an rtmr") })
        let empty = try Self.policy(head + "      rtmr0: []")
        #expect(empty.findings(at: .now).contains { $0.message.contains("names no mr_td") })
    }

    @Test("may have a waiver until a leap day")
    func leapDay() throws {
        let rule = try Self.policy(Self.whole.replacing("until: 2026-12-24", with: "until: 2028-02-29")).rules[0]
        #expect(rule.waivers.map(\.expiration) == [Date(timeIntervalSince1970: 1_835_481_599)])  // 2028-02-29T23:59:59Z
    }

    @Test("may begin with a byte order mark, which moves no line and no column")
    func byteOrderMark() throws {
        #expect(try Self.policy("\u{feff}" + Self.whole).rules == Self.policy(Self.whole).rules)
        let error = #expect(throws: KeyBrokerError.self) { try Self.policy("\u{feff}version: 2\n") }
        #expect(error?.message.hasPrefix("conf/policy.yaml:1:10: policy version 2") == true)
        #expect(throws: KeyBrokerError.self) { try Self.policy("\u{feff}\u{feff}" + Self.whole) }
    }

    @Test("default to what is strictest")
    func defaults() throws {
        let policy = try Self.policy(Self.whole)
        let secret = try #require(policy.secret(named: "other"))
        #expect(secret.source == .file("/abs/other"))
        #expect(secret.isProduction)
        #expect(secret.encoding == .raw)
        let rule = policy.rules[1]
        #expect(rule.freshness == .required)
        #expect(rule.tcb == TCBRequirements())
        #expect(rule.sgx == SGXReferenceValues(mrEnclave: .anyOf([])))
        #expect(rule.models == .anyOf([try #require(ModelDigest(hex: Self.measurement))]))
    }

    /// What is changed in the whole policy, and what has to be said about it.
    struct Fault: CustomTestStringConvertible {
        let old: String
        let new: String
        let place: String
        let words: String
        var testDescription: String { self.new }
    }

    static let faults = [
        Fault(
            old: "mr_enclave: [\(measurement)]", new: "mr_enclve: [\(measurement)]", place: ":12:7:",
            words: "unknown key `mr_enclve` in rules[0].sgx; did you mean `mr_enclave`?"),
        Fault(old: "version: 1", new: "version: 2", place: ":1:10:", words: "version 2"),
        Fault(old: "version: 1", new: "version: one", place: ":1:10:", words: "version has to be a number"),
        Fault(old: "version: 1\n", new: "", place: ":1:1:", words: "lacks the key `version`"),
        Fault(old: "encoding: hex-nul", new: "encoding: hexnul", place: ":5:15:", words: "did you mean `hex-nul`?"),
        Fault(old: "production: false", new: "production: no", place: ":6:17:", words: "`no` is not a value of secrets[0].production"),
        Fault(old: "name: other", new: "name: wrap-key", place: ":7:5:", words: "described twice, first in line 3"),
        Fault(
            old: "- secret: wrap-key", new: "- secret: wrapkey", place: ":10:13:",
            words: "no secret `wrapkey` in this policy; did you mean `wrap-key`?"),
        Fault(old: "minimum_isv_svn: 3", new: "minimum_isv_svn: 65536", place: ":15:24:", words: "number from 0 to 65535"),
        Fault(old: "minimum_isv_svn: 3", new: "minimum_isv_svn: -1", place: ":15:24:", words: "number from 0 to 65535"),
        Fault(old: "mr_signer: \(measurement)", new: "mr_signer: 7d", place: ":13:18:", words: "64 hexadecimal digits"),
        Fault(old: "isv_prod_id: 0", new: "isv_prod_id: {}", place: ":14:20:", words: "has to be a list"),
        Fault(old: "OutOfDate]", new: "OutOfDat]", place: ":17:26:", words: "did you mean `OutOfDate`?"),
        Fault(old: "until: 2026-12-24", new: "until: 2026-13-24", place: ":23:16:", words: "a date, YYYY-MM-DD"),
        Fault(old: "until: 2026-12-24", new: "until: 2026-11-31", place: ":23:16:", words: "found `2026-11-31`"),
        Fault(old: "until: 2026-12-24", new: "until: 2026-02-29", place: ":23:16:", words: "found `2026-02-29`"),
        Fault(old: "until: 2026-12-24", new: "until: 2026-12-1 ", place: ":23:16:", words: "found `2026-12-1`"),
        Fault(
            old: "advisories:", new: "minimum_date: 2025-02-31\n      advisories:", place: ":18:21:",
            words: "rules[0].tcb.minimum_date has to be a date, YYYY-MM-DD, that the calendar has, found `2025-02-31`"),
        Fault(old: "until: 2026-12-24", new: "until: soon", place: ":23:16:", words: "a date, YYYY-MM-DD"),
        Fault(old: "        reason: \"BIOS update booked\"\n", new: "", place: ":21:9:", words: "lacks the key `reason`"),
        Fault(old: "allow: out-of-date-tcb", new: "allow: everything", place: ":21:16:", words: "use one of"),
        Fault(old: "freshness: tls-only", new: "freshness: tls-only\n    freshness: required", place: ":19:", words: "`freshness` is given twice"),
        Fault(old: "sgx: { mr_enclave: [] }", new: "sgx:", place: ":25:9:", words: "a mapping with the keys"),
        Fault(old: "sgx: { mr_enclave: [] }", new: "tcb: {}", place: ":24:5:", words: "names neither `sgx` nor `tdx`"),
        Fault(old: "model: \(measurement)", new: "model: latest", place: ":26:12:", words: "64 hexadecimal digits, found 6 characters"),
        Fault(old: "rules:", new: "rules: [", place: ":10:3:", words: "not YAML"),
        Fault(old: "file: /abs/other", new: "file: ", place: ":8:10:", words: "has to be text, found nothing"),
    ]

    @Test("with a fault are refused with file, line and column", arguments: faults)
    func faulty(fault: Fault) {
        #expect(Self.whole.contains(fault.old))
        let yaml = Self.whole.replacingOccurrences(of: fault.old, with: fault.new, range: Self.whole.range(of: fault.old))
        let error = #expect(throws: KeyBrokerError.self) { try Self.policy(yaml) }
        #expect(error?.code == .badPolicy)
        let text = "\(error?.message ?? "") \(error?.remedy ?? "")"
        #expect(text.hasPrefix("conf/policy.yaml\(fault.place)"), "\(text)")
        #expect(text.contains(fault.words), "\(text)")
    }

    @Test("that are no policy at all are refused", arguments: ["", "just text", "- a", "\u{0}", "a: &x [*x]"])
    func noPolicy(yaml: String) {
        let error = #expect(throws: KeyBrokerError.self) { try Self.policy(yaml) }
        #expect(error?.code == .badPolicy)
    }

    @Test("are looked at for what is probably not meant")
    func findings() throws {
        let policy = try Self.policy(Self.whole)
        let before = policy.findings(at: Date(timeIntervalSince1970: 1_700_000_000)).map(\.message)
        #expect(before.contains { $0.contains("rules[1] has an empty list") })
        #expect(!before.contains { $0.contains("waiver") })
        let after = policy.findings(at: Date(timeIntervalSince1970: 1_900_000_000)).map(\.message)
        #expect(after.contains { $0.contains("rules[0] has a waiver `out-of-date-tcb` that has expired") })
        #expect(after.contains { $0.contains("rules[0] accepts an out-of-date TCB") })
    }
}

@Suite("Rules that refuse everybody")
struct ClosedRuleTests {
    @Test("are pointed out", arguments: [("accept: []", true), ("accept: [UpToDate]", false), ("minimum_date: 2025-01-01", false)])
    func noStatus(tcb: String, isPointedOut: Bool) throws {
        let sgx = "sgx: { mr_enclave: [\(String(repeating: "e1", count: 32))] }"
        let yaml = "version: 1\nsecrets: [{ name: k, file: key }]\nrules: [{ secret: k, \(sgx), tcb: { \(tcb) } }]\n"
        let findings = try Policy(yaml: Array(yaml.utf8), file: "p").findings(at: .now).map(\.message)
        #expect(findings == (isPointedOut ? ["rules[0] accepts no TCB status, so it refuses every platform"] : []))
    }
}

@Suite("Secrets of a policy")
struct SecretStoreTests {
    @Test(
        "that are empty, missing or no wrap key where one is due are refused",
        arguments: [(0, "raw", "bad-secret"), (15, "hex-nul", "bad-secret"), (-1, "raw", "unreadable-file")])
    func refused(size: Int, encoding: String, identifier: String) throws {
        let folder = try ScratchFolder()
        if size >= 0 { try folder.write([UInt8](repeating: 1, count: size), to: "key") }
        let yaml = "version: 1\nsecrets: [{name: k, file: key, encoding: \(encoding)}]\nrules: []\n"
        let policy = try Policy(yaml: Array(yaml.utf8), file: folder.file("policy.yaml"))
        let error = #expect(throws: (any Error).self) { try SecretStore(loading: policy) }
        #expect((error as? any DiagnosableError)?.identifier == identifier)
        #expect(PolicyReport(policy, at: Date()).findings.contains { $0.message.contains("cannot be loaded") })
    }
}
