// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ProtectedFiles

/// `sealwright inspect`: what a sealed file says of itself.
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Shows what a sealed file is: version, path, size, nodes, and what of it is authenticated.",
        discussion: """
            Without the key it shows what everybody can see. With the key it authenticates the first node and the root of the key tree; the \
            other nodes are for: sealwright verify.

            Example: sealwright inspect --key keys/wrap-key --input sealed/guesslang/1/saved_model.pb
            """
    )

    @Option(name: .long, help: ArgumentHelp("The sealed file.", valueName: "file"))
    var input: String

    @Option(name: .long, help: ArgumentHelp("The wrap key, a file of 16 bytes.", valueName: "file"))
    var key: String?

    @Flag(name: .long, help: "Print the result, or the error, as JSON.")
    var json = false

    func run() throws {
        let inspection = try ProtectedFileInspection(ofFile: self.input, key: try self.key.map { try WrapKey(contentsOfFile: $0) })
        print(self.json ? try JSONText.line(Report(inspection)) : Self.text(inspection), terminator: "")
    }

    private static func text(_ inspection: ProtectedFileInspection) -> String {
        var lines = [
            "format version       \(inspection.formatVersion)", "minor version        \(inspection.minorVersion) (not authenticated)",
            "feature flags        \(inspection.featureFlags) (not authenticated)",
            "sealed size          \(inspection.sealedSize) bytes, \(inspection.nodes) nodes (not authenticated)",
            "metadata tag         \(hex(inspection.metadataTag))",
        ]
        if let known = inspection.authenticated {
            lines += [
                "embedded path        \(known.embeddedPath) (authenticated)", "plaintext size       \(known.plaintextSize) bytes (authenticated)",
                "data nodes           \(known.dataNodes) (authenticated when read)", "key tree nodes       \(known.treeNodes) (root authenticated)",
                "trailing nodes       \(known.trailingNodes) (ignored)",
            ]
        } else {
            lines.append("plaintext size       at most \(inspection.largestPlaintextSize) bytes; path and size need the key")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private struct Report: Encodable {
        let formatVersion: Int
        let minorVersion: Int
        let featureFlags: Int
        let sealedSize: Int
        let nodes: Int
        let largestPlaintextSize: Int
        let metadataTag: String
        let isAuthenticated: Bool
        let embeddedPath: String?
        let plaintextSize: Int?
        let dataNodes: Int?
        let treeNodes: Int?
        let trailingNodes: Int?

        enum CodingKeys: String, CodingKey {
            case formatVersion = "format_version"
            case minorVersion = "minor_version"
            case featureFlags = "feature_flags"
            case sealedSize = "sealed_size"
            case nodes
            case largestPlaintextSize = "largest_plaintext_size"
            case metadataTag = "metadata_tag"
            case isAuthenticated = "authenticated"
            case embeddedPath = "embedded_path"
            case plaintextSize = "plaintext_size"
            case dataNodes = "data_nodes"
            case treeNodes = "tree_nodes"
            case trailingNodes = "trailing_nodes"
        }

        init(_ inspection: ProtectedFileInspection) {
            self.formatVersion = Int(inspection.formatVersion.number)
            self.minorVersion = Int(inspection.minorVersion)
            self.featureFlags = Int(inspection.featureFlags)
            self.sealedSize = inspection.sealedSize
            self.nodes = inspection.nodes
            self.largestPlaintextSize = inspection.largestPlaintextSize
            self.metadataTag = InspectCommand.hex(inspection.metadataTag)
            self.isAuthenticated = inspection.authenticated != nil
            self.embeddedPath = inspection.authenticated?.embeddedPath
            self.plaintextSize = inspection.authenticated?.plaintextSize
            self.dataNodes = inspection.authenticated?.dataNodes
            self.treeNodes = inspection.authenticated?.treeNodes
            self.trailingNodes = inspection.authenticated?.trailingNodes
        }
    }
}
