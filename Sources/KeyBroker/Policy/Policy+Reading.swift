// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Yams

extension Policy {
    /// The largest policy file that is read.
    static let sizeLimit = 1 << 20

    /// Reads a policy file.
    ///
    /// - Throws: a file error, or ``KeyBrokerError/Code-swift.struct/badPolicy`` naming file, line and column: for unknown and repeated keys,
    ///   values of a wrong type, a rule for a secret that is not there.
    public init(contentsOfFile file: String) throws {
        try self.init(yaml: try InputFile.readAll(file, limit: Self.sizeLimit), file: file)
    }

    /// Reads the text of a policy file.
    ///
    /// `file`: how errors name the file; secrets' files are relative to its folder.
    public init(yaml: [UInt8], file: String) throws(KeyBrokerError) {
        let document = PolicyNode(node: try Self.compose(yaml, file: file), path: "", file: file)
        let top = try document.mapping(keys: ["version", "explain", "secrets", "rules"])
        let version = try top.required("version")
        guard try version.number(in: 1...Int.max) == Self.version else {
            throw version.error(
                "policy version \(try version.text()) is not known here", remedy: "use version: \(Self.version), or a newer sealwright")
        }
        let secrets = try Self.secrets(try top.required("secrets").list(), folder: parentFolder(of: file))
        var rules: [ReleaseRule] = []
        for (index, node) in try top.required("rules").list().enumerated() {
            rules.append(try ReleaseRule(node, index: index, secrets: secrets))
        }
        let explanation = try top["explain"]?.word(Explanation.allCases.map { ($0.rawValue, $0) }) ?? .none
        self.init(file: file, secrets: secrets, rules: rules, explanation: explanation, sha256: EvidenceDigest(of: yaml))
    }

    private static func secrets(_ nodes: [PolicyNode], folder: String) throws(KeyBrokerError) -> [SecretDescription] {
        var secrets: [SecretDescription] = []
        for node in nodes {
            let secret = try SecretDescription(node, folder: folder)
            if let other = secrets.first(where: { $0.name == secret.name }) {
                throw node.error(
                    "the secret `\(secret.name)` is described twice, first in line \(other.line)", remedy: "remove or rename one of them")
            }
            secrets.append(secret)
        }
        return secrets
    }

    private static func compose(_ yaml: [UInt8], file: String) throws(KeyBrokerError) -> Node {
        // A byte order mark may stand before a document (YAML 1.2 section 5.2); the reader of YAML does not take it.
        let mark: [UInt8] = [0xef, 0xbb, 0xbf]
        guard let text = String(validating: yaml.starts(with: mark) ? yaml.dropFirst(mark.count) : yaml[...], as: UTF8.self) else {
            throw KeyBrokerError(.badPolicy, "\(file):1:1: a policy is UTF-8 text, this file is not")
        }
        do {
            guard let node = try Yams.compose(yaml: text) else { throw PolicyNode.error(file: file, mark: nil, "the policy is empty") }
            return node
        } catch let error as KeyBrokerError {
            throw error
        } catch let error as YamlError {
            throw Self.describe(error, file: file)
        } catch {
            throw KeyBrokerError(.badPolicy, "\(file): \(error)")
        }
    }

    private static func describe(_ error: YamlError, file: String) -> KeyBrokerError {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _), .composer(_, let problem, let mark, _):
            PolicyNode.error(file: file, mark: mark, "not YAML: \(problem)")
        case .duplicatedKeysInMapping(let keys, let context):
            PolicyNode.error(
                file: file, mark: context.mark, "the key \(keys.map { "`\($0)`" }.joined(separator: ", ")) is given twice",
                remedy: "keep one; which of two counts must not be a guess")
        default: KeyBrokerError(.badPolicy, "\(file):1:1: not YAML: \(error)")
        }
    }
}

extension SecretDescription {
    fileprivate init(_ node: PolicyNode, folder: String) throws(KeyBrokerError) {
        let mapping = try node.mapping(keys: ["name", "file", "encoding", "production", "freshness"])
        let path = try mapping["file"]?.text()
        let name = try mapping.required("name")
        guard try name.text().utf8.count <= Self.nameLimit else {
            throw name.error("\(name.path) is longer than \(Self.nameLimit) bytes", remedy: "choose a shorter name; peers could not ask for this one")
        }
        self.init(
            name: try name.text(),
            source: path.map { .file($0.hasPrefix("/") ? $0 : "\(folder)/\($0)") } ?? .store,
            encoding: try mapping["encoding"]?.word(Encoding.allCases.map { ($0.rawValue, $0) }) ?? .raw,
            isProduction: try mapping["production"]?.truth() ?? true,
            freshness: try mapping["freshness"]?.word(ReleaseRule.Freshness.allCases.map { ($0.rawValue, $0) }) ?? .required,
            line: node.line)
    }
}
