// SPDX-License-Identifier: Apache-2.0

import Attestation
import KeyBroker
import TestSupport
import Testing

@Suite("Rules for signed builds")
struct ReleaseRuleTextTests {
    private static func build(_ change: (inout SigstructFields) -> Void = { _ in }) throws -> VerifiedSigstruct {
        var fields = SigstructFields()
        change(&fields)
        guard case .verified(let build, _) = try Sigstruct(decoding: try SigstructSigner.shared.get().sign(fields)).verify() else {
            throw Unsigned()
        }
        return build
    }

    private struct Unsigned: Error {}

    private static func policy(_ text: String, secret: String) throws -> Policy {
        try Policy(yaml: Array("version: 1\nsecrets: [{ name: \(secret), file: key }]\n\(text)".utf8), file: "policy.yaml")
    }

    @Test("the text reads as a rule for exactly these builds")
    func readable() throws {
        let builds = [try Self.build(), try Self.build { ($0.mrEnclave[0], $0.isvSVN) = (0, 5) }, try Self.build()]
        let text = try ReleaseRuleText(releasing: "wrap-key", to: builds, freshness: .tlsOnly)
        let policy = try Self.policy(text.description, secret: "wrap-key")
        let rule = try #require(policy.rules.first)
        #expect(policy.rules.count == 1)
        #expect(rule.secret == "wrap-key")
        #expect(rule.freshness == .tlsOnly)
        #expect(
            rule.sgx
                == SGXReferenceValues(
                    mrEnclave: .anyOf([builds[0].sigstruct.mrEnclave, builds[1].sigstruct.mrEnclave]), mrSigner: .anyOf([builds[0].mrSigner]),
                    isvProdID: .anyOf([7]), minimumISVSVN: 3))
        #expect(rule.waivers.isEmpty)
    }

    @Test("another product has a rule of its own")
    func products() throws {
        let text = try ReleaseRuleText(releasing: "wrap-key", to: [try Self.build(), try Self.build { $0.isvProdID = 8 }], freshness: .required)
        let rules = try Self.policy(text.description, secret: "wrap-key").rules
        #expect(rules.map(\.sgx?.isvProdID) == [.anyOf([7]), .anyOf([8])])
    }

    @Test("a name with marks of YAML stays a name")
    func quoting() throws {
        let text = try ReleaseRuleText(releasing: "a: \"b\" # c", to: [try Self.build()], freshness: .required)
        #expect(try Self.policy(text.description, secret: "'a: \"b\" # c'").rules.first?.secret == "a: \"b\" # c")
    }

    @Test("a debug enclave gets no rule")
    func debug() throws {
        let build = try Self.build { $0.attributeFlags = 6 }
        let error = #expect(throws: KeyBrokerError.self) { try ReleaseRuleText(releasing: "wrap-key", to: [build], freshness: .required) }
        #expect(error?.message.contains("debug enclave") == true)
    }
}
