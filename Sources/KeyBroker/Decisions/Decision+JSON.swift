// SPDX-License-Identifier: Apache-2.0

import Attestation

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension Decision {
    /// The decision as one JSON object on one line, members in the order of their names.
    ///
    /// It is on the way of every release, and `JSONEncoder` would take ten times as long to write the same: a report has some fifty checks.
    var json: [UInt8] {
        var json = CompactJSON()
        json.object { json in
            if let asked { json.member("asked") { $0.array(asked) { json, name in json.string(name) } } }
            json.member("certificateSHA256", self.certificateSHA256?.hexString)
            json.member("collateralSHA256", self.evidence?.collateralSHA256?.hexString)
            json.member("door", self.door.rawValue)
            if let enclave { json.member("enclave") { enclave.write(to: &$0) } }
            json.member("evidenceSHA256", self.evidenceSHA256?.hexString)
            json.member("failedCheck", self.failedCheck?.description)
            json.member("model", self.model?.hexString)
            json.member("peer", self.peer)
            json.member("policySHA256", self.policySHA256?.hexString)
            json.member("remedy", self.remedy)
            json.member("report") { self.report.write(to: &$0) }
            json.member("root", self.root?.rawValue)
            json.member("rule", self.rule)
            json.member("secret", self.secret)
            json.member("secretVersion", self.secretVersion)
            json.member("time", self.time.formatted(.iso8601))
            if let trustDomain { json.member("trustDomain") { trustDomain.write(to: &$0) } }
            json.member("verdict", self.verdict.rawValue)
            json.member("waivers") { $0.array(self.waivers) { json, waiver in waiver.write(to: &json) } }
        }
        return json.bytes
    }
}

extension Decision.Enclave {
    fileprivate func write(to json: inout CompactJSON) {
        json.object { json in
            json.member("isVerified", self.isVerified)
            json.member("isvProdID", Int(self.isvProdID))
            json.member("isvSVN", Int(self.isvSVN))
            json.member("mrEnclave", self.mrEnclave.hexString)
            json.member("mrSigner", self.mrSigner.hexString)
        }
    }
}

extension Decision.TrustDomain {
    fileprivate func write(to json: inout CompactJSON) {
        json.object { json in
            json.member("isVerified", self.isVerified)
            json.member("mrSeam", self.mrSeam.hexString)
            json.member("mrTD", self.mrTD.hexString)
            json.member("rtmrs") { $0.array(self.rtmrs) { json, rtmr in json.string(rtmr.hexString) } }
        }
    }
}

extension Waiver {
    fileprivate func write(to json: inout CompactJSON) {
        json.object { json in
            json.member("expiration", self.expiration.formatted(.iso8601))
            json.member("kind", self.kind.description)
            json.member("reason", self.reason)
        }
    }
}

extension VerificationReport {
    fileprivate func write(to json: inout CompactJSON) {
        json.object { json in
            json.member("advisoryIDs") { $0.array(self.advisoryIDs) { json, advisory in json.string(advisory) } }
            json.member("checks") { $0.array(self.checks) { json, check in check.write(to: &json) } }
            json.member("tcbStatus", self.tcbStatus?.rawValue)
        }
    }
}

extension Check {
    fileprivate func write(to json: inout CompactJSON) {
        json.object { json in
            json.member("expected", self.expected)
            json.member("found", self.found)
            json.member("id", self.id.description)
            json.member("outcome", self.outcome.rawValue)
            json.member("remedy", self.remedy)
            json.member("source", self.source)
        }
    }
}
