// SPDX-License-Identifier: Apache-2.0

import Attestation

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A policy made of CC Zoo's `ra_config.json`: what that file means to say, not what its server makes of it.
///
/// The server's traps are named in ``warnings``: it reads every number as 0, compares security versions for equality, accepts short
/// measurements as if zeros followed, takes any word that begins like `on`, and accepts every platform status.
public struct RAConfigImport: Hashable, Sendable {
    /// The policy file.
    public let yaml: String
    /// What the owner should know before using it.
    public let warnings: [String]

    private struct Configuration: Decodable {
        struct Entry: Decodable {
            let mrEnclave: String?
            let mrSigner: String?
            let isvProdID: String?
            let isvSVN: String?

            private enum CodingKeys: String, CodingKey {
                case mrEnclave = "mr_enclave"
                case mrSigner = "mr_signer"
                case isvProdID = "isv_prod_id"
                case isvSVN = "isv_svn"
            }
        }

        let verifyMREnclave: String
        let verifyMRSigner: String
        let verifyISVProdID: String
        let verifyISVSVN: String
        let entries: [Entry]

        private enum CodingKeys: String, CodingKey {
            case verifyMREnclave = "verify_mr_enclave"
            case verifyMRSigner = "verify_mr_signer"
            case verifyISVProdID = "verify_isv_prod_id"
            case verifyISVSVN = "verify_isv_svn"
            case entries = "mrs"
        }
    }

    /// Most entries that the original looks at.
    private static let originalLimit = 100

    /// Reads a configuration.
    ///
    /// * `name`: how errors name the file.
    /// * `secretFile`: the secret's file, as the policy is to name it.
    ///
    /// - Throws: ``KeyBrokerError/Code-swift.struct/badPolicy`` for anything that cannot be meant.
    public init(_ json: [UInt8], name: String, secretFile: String = "wrap_key") throws(KeyBrokerError) {
        let configuration = try Self.decode(json, name: name)
        let switches = try Switches(configuration, name: name)
        var warnings: [String] = []
        var rules: [String] = []
        for (index, entry) in configuration.entries.enumerated() { rules.append(try Self.rule(entry, index, switches, name: name)) }
        if configuration.entries.count > Self.originalLimit {
            warnings.append("the original looks at the first \(Self.originalLimit) entries only; here all \(configuration.entries.count) count")
        }
        if switches.isAllOff {
            rules = [Self.anyEnclave]
            warnings.append(
                "all four checks are off: the original releases the key to EVERY enclave; the rule made of it refuses all until you edit it")
        } else if rules.isEmpty {
            warnings.append("there are no entries: no enclave gets the key")
        } else if !switches.mrEnclave, !switches.mrSigner {
            warnings.append("neither MRENCLAVE nor MRSIGNER is checked: a policy refuses that without a waiver `any-measurement`")
        }
        if switches.isvSVN {
            warnings.append("isv_svn was compared for equality; here it is the lowest that is accepted, as upstream Gramine has it")
        }
        if switches.isvSVN || switches.isvProdID {
            warnings.append("the original read every number as 0 (it parsed the quote before the digits): what it really accepted was 0")
        }
        warnings.append(
            "the original accepted platforms of every TCB status, debug enclaves too; here `UpToDate` alone: add a waiver if yours is not")
        warnings.append("a wrap key that came with the recipe is public and is refused: make a new one and seal again")
        self.warnings = warnings
        self.yaml = Self.text(name: name, secretFile: secretFile, rules: rules)
    }

    private static func decode(_ json: [UInt8], name: String) throws(KeyBrokerError) -> Configuration {
        do {
            return try JSONDecoder().decode(Configuration.self, from: Data(json))
        } catch let error as DecodingError {
            throw KeyBrokerError(.badPolicy, "\(name) is no ra_config.json: \(Self.describe(error))", remedy: "compare with the recipe's own file")
        } catch {
            throw KeyBrokerError(.badPolicy, "\(name) is no JSON: \(error)")
        }
    }

    private static func describe(_ error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, _): "the key \(key.stringValue) is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            "\(context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")) is of a wrong type"
        case .dataCorrupted: "not JSON"
        @unknown default: "\(error)"
        }
    }

    /// What is compared.
    private struct Switches {
        let mrEnclave: Bool
        let mrSigner: Bool
        let isvProdID: Bool
        let isvSVN: Bool

        var isAllOff: Bool { !self.mrEnclave && !self.mrSigner && !self.isvProdID && !self.isvSVN }

        init(_ configuration: Configuration, name: String) throws(KeyBrokerError) {
            func isOn(_ word: String, _ key: String) throws(KeyBrokerError) -> Bool {
                switch word {
                case "on": return true
                case "off": return false
                default:
                    throw KeyBrokerError(
                        .badPolicy,
                        "\(name): \(key) is `\(word.prefix(40))`, neither on nor off (the original takes it for \("on".hasPrefix(word.prefix(2)) ? "on" : "off"))",
                        remedy: "write on or off")
                }
            }
            self.mrEnclave = try isOn(configuration.verifyMREnclave, "verify_mr_enclave")
            self.mrSigner = try isOn(configuration.verifyMRSigner, "verify_mr_signer")
            self.isvProdID = try isOn(configuration.verifyISVProdID, "verify_isv_prod_id")
            self.isvSVN = try isOn(configuration.verifyISVSVN, "verify_isv_svn")
        }
    }

    private static func rule(
        _ entry: Configuration.Entry, _ index: Int, _ switches: Switches, name: String
    ) throws(KeyBrokerError) -> String {
        func problem(_ field: String, _ what: String) -> KeyBrokerError {
            KeyBrokerError(.badPolicy, "\(name): mrs[\(index)].\(field) \(what)", remedy: "copy it from `gramine-sgx-sigstruct-view`")
        }
        func measurement(_ text: String?, _ field: String) throws(KeyBrokerError) -> String {
            guard let text, let value = Measurement(hex: text) else { throw problem(field, "has to be 64 hexadecimal digits") }
            return value.hexString
        }
        func number(_ text: String?, _ field: String) throws(KeyBrokerError) -> UInt16 {
            guard let text, let value = UInt16(text) else { throw problem(field, "has to be a number from 0 to 65535") }
            return value
        }
        var fields: [String] = []
        if switches.mrEnclave { fields.append("mr_enclave: [\"\(try measurement(entry.mrEnclave, "mr_enclave"))\"]") }
        if switches.mrSigner { fields.append("mr_signer: [\"\(try measurement(entry.mrSigner, "mr_signer"))\"]") }
        if switches.isvProdID { fields.append("isv_prod_id: \(try number(entry.isvProdID, "isv_prod_id"))") }
        if switches.isvSVN { fields.append("minimum_isv_svn: \(try number(entry.isvSVN, "isv_svn"))") }
        return """
              - secret: wrap-key
                sgx:
            \(fields.map { "      \($0)" }.joined(separator: "\n"))
                tcb: { accept: [UpToDate] }
                freshness: tls-only        # Gramine's own protocol, port 4433
            """
    }

    private static let anyEnclave = """
          - secret: wrap-key
            sgx: { mr_enclave: [] }        # names no enclave: write the measurement of yours here
            tcb: { accept: [UpToDate] }
            freshness: tls-only            # Gramine's own protocol, port 4433
        """

    private static func text(name: String, secretFile: String, rules: [String]) -> String {
        """
        # Made of \(name).
        version: 1
        secrets:
          - name: wrap-key
            file: "\(secretFile.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))"
            encoding: raw
            production: true
        rules:\(rules.isEmpty ? " []" : "\n" + rules.joined(separator: "\n"))

        """
    }
}
