// SPDX-License-Identifier: Apache-2.0

public import Attestation
import ByteCoding

/// The rules of a policy, as text, that release a secret to given builds of an enclave.
///
/// Text and not a value, since it is for the owner to read, to change and to keep in the policy file.
public struct ReleaseRuleText: Hashable, Sendable, CustomStringConvertible {
    /// YAML of a `rules:` list, a rule for each signer and product.
    public let description: String

    /// Writes the rules that release `secret` to exactly these builds; the oldest security version among them is the lowest accepted.
    ///
    /// - Throws: ``KeyBrokerError`` for a build that runs as a debug enclave, which no policy accepts without a waiver.
    public init(releasing secret: String, to builds: [VerifiedSigstruct], freshness: ReleaseRule.Freshness) throws(KeyBrokerError) {
        if let build = builds.first(where: { $0.sigstruct.debugMode == .always }) {
            throw KeyBrokerError(
                .badPolicy, "the build \(build.sigstruct.mrEnclave) is a debug enclave: whoever runs it can read its memory, and with it the secret",
                remedy: "set `sgx.debug = false` in its manifest and sign it again")
        }
        var lines = ["rules:"]
        for group in Self.groups(builds) {
            lines += Self.rule(secret: secret, builds: group, freshness: freshness)
        }
        self.description = lines.joined(separator: "\n") + "\n"
    }

    /// The builds by signer and product, in the order in which each first appears.
    private static func groups(_ builds: [VerifiedSigstruct]) -> [[VerifiedSigstruct]] {
        var groups: [[VerifiedSigstruct]] = []
        for build in builds {
            if let index = groups.firstIndex(where: { $0[0].mrSigner == build.mrSigner && $0[0].sigstruct.isvProdID == build.sigstruct.isvProdID }) {
                groups[index].append(build)
            } else {
                groups.append([build])
            }
        }
        return groups
    }

    private static func rule(secret: String, builds: [VerifiedSigstruct], freshness: ReleaseRule.Freshness) -> [String] {
        var measurements: [String] = []
        for build in builds where !measurements.contains(build.sigstruct.mrEnclave.hexString) {
            measurements.append(build.sigstruct.mrEnclave.hexString)
        }
        let product = builds[0]
        return ["  - secret: \(Self.quoted(secret))", "    sgx:", "      mr_enclave:"]
            + measurements.map { "        - \"\($0)\"" }
            + [
                "      mr_signer: [\"\(product.mrSigner)\"]",
                "      isv_prod_id: \(product.sigstruct.isvProdID)",
                "      minimum_isv_svn: \(builds.map(\.sigstruct.isvSVN).min() ?? 0)",
                "    tcb: { accept: [UpToDate] }",
                "    freshness: \(freshness.rawValue)",
            ]
    }

    /// A YAML double-quoted scalar.
    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case _ where scalar.value < 0x20 || scalar.value == 0x7f: quoted += "\\x" + [UInt8(scalar.value)].hexString
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
