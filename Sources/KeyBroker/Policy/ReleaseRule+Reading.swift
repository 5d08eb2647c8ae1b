// SPDX-License-Identifier: Apache-2.0

import Attestation
import SecretProvisioning

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension ReleaseRule {
    init(_ node: PolicyNode, index: Int, secrets: [SecretDescription]) throws(KeyBrokerError) {
        let mapping = try node.mapping(keys: ["secret", "sgx", "tdx", "tcb", "model", "freshness", "waivers"])
        let secret = try mapping.required("secret")
        let name = try secret.text()
        guard let description = secrets.first(where: { $0.name == name }) else {
            let hint = NearMiss.suggestion(for: name, among: secrets.map(\.name)).map { "; did you mean `\($0)`?" } ?? ""
            throw secret.error("there is no secret `\(name)` in this policy\(hint)", remedy: "describe it under `secrets`")
        }
        guard mapping["sgx"] != nil || mapping["tdx"] != nil else {
            throw node.error("\(node.path) names neither `sgx` nor `tdx`", remedy: "say which enclave (sgx) or trust domain (tdx) gets the secret")
        }
        self.init(
            index: index, line: node.line, secret: name,
            sgx: try mapping["sgx"].map(SGXReferenceValues.init(_:)),
            tdx: try mapping["tdx"].map(TDXReferenceValues.init(_:)),
            tcb: try mapping["tcb"].map(TCBRequirements.init(_:)) ?? TCBRequirements(),
            models: try .accepted(mapping["model"], Self.model),
            freshness: try mapping["freshness"]?.word(Freshness.allCases.map { ($0.rawValue, $0) }) ?? description.freshness,
            waivers: try Self.waivers(mapping["waivers"]))
    }

    private static func model(_ node: PolicyNode) throws(KeyBrokerError) -> ModelDigest {
        let text = try node.text()
        guard let model = ModelDigest(hex: text) else {
            throw node.error(
                "\(node.path) has to be 64 hexadecimal digits, found \(text.utf8.count) characters",
                remedy: "copy the manifest's digest from `sealwright seal` or `sealwright verify`")
        }
        return model
    }

    private static func waivers(_ node: PolicyNode?) throws(KeyBrokerError) -> [Waiver] {
        var waivers: [Waiver] = []
        for node in try node?.list() ?? [] { waivers.append(try Waiver(node)) }
        return waivers
    }
}

extension SGXReferenceValues {
    fileprivate init(_ node: PolicyNode) throws(KeyBrokerError) {
        let mapping = try node.mapping(keys: ["mr_enclave", "mr_signer", "isv_prod_id", "minimum_isv_svn"])
        self.init(
            mrEnclave: try .accepted(mapping["mr_enclave"], Self.measurement),
            mrSigner: try .accepted(mapping["mr_signer"], Self.measurement),
            isvProdID: try .accepted(mapping["isv_prod_id"]) { node throws(KeyBrokerError) in try node.number(in: 0...UInt16.max) },
            minimumISVSVN: try mapping["minimum_isv_svn"]?.number(in: 0...UInt16.max) ?? 0)
    }

    private static func measurement(_ node: PolicyNode) throws(KeyBrokerError) -> Measurement {
        let text = try node.text()
        guard let measurement = Measurement(hex: text) else {
            throw node.error(
                "\(node.path) has to be 64 hexadecimal digits, found \(text.utf8.count) characters",
                remedy: "copy it from `gramine-sgx-sigstruct-view` or the broker's log of a refusal")
        }
        return measurement
    }
}

extension TDXReferenceValues {
    fileprivate init(_ node: PolicyNode) throws(KeyBrokerError) {
        let mapping = try node.mapping(keys: [
            "mr_td", "mr_seam", "mr_signer_seam", "mr_config_id", "mr_owner", "mr_owner_config", "rtmr0", "rtmr1", "rtmr2", "rtmr3",
            "mr_service_td", "td_attributes", "xfam",
        ])
        self.init(
            mrTD: try .bytes(mapping["mr_td"]), mrSeam: try .bytes(mapping["mr_seam"]), mrSignerSeam: try .bytes(mapping["mr_signer_seam"]),
            mrConfigID: try .bytes(mapping["mr_config_id"]), mrOwner: try .bytes(mapping["mr_owner"]),
            mrOwnerConfig: try .bytes(mapping["mr_owner_config"]), rtmr0: try .bytes(mapping["rtmr0"]), rtmr1: try .bytes(mapping["rtmr1"]),
            rtmr2: try .bytes(mapping["rtmr2"]), rtmr3: try .bytes(mapping["rtmr3"]), mrServiceTD: try .bytes(mapping["mr_service_td"]),
            tdAttributes: try .bytes(mapping["td_attributes"]), xfam: try .bytes(mapping["xfam"]))
    }
}

extension ReferenceValue {
    /// A list of accepted values, or one alone.
    fileprivate static func accepted(
        _ node: PolicyNode?, _ read: (PolicyNode) throws(KeyBrokerError) -> Value
    ) throws(KeyBrokerError) -> Self {
        guard let node else { return .notGiven }
        var values: [Value] = []
        for element in try node.listOrSingle() { values.append(try read(element)) }
        return .anyOf(values)
    }
}

extension ReferenceValue where Value: FixedSizeBytes {
    /// A list of accepted values in hexadecimal digits, in the order in which `sealwright quote show` prints them.
    fileprivate static func bytes(_ node: PolicyNode?) throws(KeyBrokerError) -> Self {
        try self.accepted(node) { node throws(KeyBrokerError) in
            let text = try node.text()
            guard let value = Value(hex: text) else {
                throw node.error(
                    "\(node.path) has to be \(Value.size * 2) hexadecimal digits, found \(text.utf8.count) characters",
                    remedy: "copy it from `sealwright quote show`")
            }
            return value
        }
    }
}

extension TCBRequirements {
    fileprivate init(_ node: PolicyNode) throws(KeyBrokerError) {
        let mapping = try node.mapping(keys: ["accept", "advisories", "minimum_evaluation_data_number", "minimum_date"])
        self.init()
        if let accept = mapping["accept"] {
            self.acceptedStatuses = []
            for status in try accept.listOrSingle() {
                self.acceptedStatuses.insert(try status.word(TCBStatus.allCases.map { ($0.rawValue, $0) }))
            }
        }
        if let advisories = mapping["advisories"] {
            let lists = try advisories.mapping(keys: ["allow", "deny"])
            if let allowed = lists["allow"] { self.advisories = .only(try Self.advisoryIDs(allowed)) }
            if let denied = lists["deny"] { self.deniedAdvisories = try Self.advisoryIDs(denied) }
        }
        if let number = mapping["minimum_evaluation_data_number"] { self.minimumTCBEvaluationDataNumber = try number.number(in: 0...Int.max) }
        if let date = mapping["minimum_date"] { self.minimumTCBDate = try date.day() }
    }

    private static func advisoryIDs(_ node: PolicyNode) throws(KeyBrokerError) -> Set<String> {
        var identifiers: Set<String> = []
        for element in try node.listOrSingle() { identifiers.insert(try element.text()) }
        return identifiers
    }
}

extension Waiver {
    /// Length of a day.
    ///
    /// A waiver until a day counts to that day's end.
    private static let day: TimeInterval = 86400

    fileprivate init(_ node: PolicyNode) throws(KeyBrokerError) {
        let mapping = try node.mapping(keys: ["allow", "reason", "until"])
        let kind = try mapping.required("allow").word(Waiver.Kind.all.map { ($0.description, $0) })
        let until = try mapping.required("until").day().addingTimeInterval(Self.day - 1)
        self.init(kind, reason: try mapping.required("reason").text(), until: until)
    }
}
