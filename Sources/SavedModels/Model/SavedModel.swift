// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import SwiftProtobuf
package import TensorFlowProtos

/// What a `saved_model.pb` says of itself: tags and signatures of one of its meta graphs.
///
/// The graph is passed over, not decoded, so reading costs one walk over the outermost fields however large the constants are.
public struct SavedModel: Sendable {
    /// The tags that servers ask for.
    public static let servingTags: Set<String> = ["serve"]
    /// No protobuf message may be larger: its length prefixes are 32-bit signed.
    public static let maximumSize = Int(Int32.max)

    /// Tags of the meta graph that was chosen.
    public let tags: Set<String>
    /// Signatures by key, those of ``Signature/reservedKeys`` too.
    public let signatures: [String: Signature]
    /// Version of the TensorFlow that wrote the model; empty when it does not say.
    public let tensorFlowVersion: String
    /// Size of the file in bytes.
    public let size: Int
    /// Size of the graph in bytes, constants included.
    public let graphSize: Int
    /// Whether the model restores variables when it is loaded.
    public let hasSaver: Bool
    /// Names of the files in `assets/` that the model reads.
    public let assetNames: [String]
    /// Where the pieces of the graph lie in the file.
    let graphPieces: [Range<Int>]
    /// The signatures as the file has them, for answers that pass them on.
    package let signatureDefinitions: [String: Tensorflow_SignatureDef]

    /// Reads the contents of a `saved_model.pb`.
    ///
    /// - Parameters:
    ///   - bytes: the whole file.
    ///   - tags: the set that the meta graph's tags must equal.
    /// - Throws: `not-a-saved-model`, `no-such-tags` or `too-large`.
    public init(decoding bytes: [UInt8], tags: Set<String> = Self.servingTags) throws(SavedModelError) {
        guard bytes.count <= Self.maximumSize else {
            throw SavedModelError(.tooLarge, "the SavedModel has \(bytes.count) bytes; no protobuf message has more than \(Self.maximumSize)")
        }
        let metaGraphs: [MetaGraphScan]
        do {
            metaGraphs = try MetaGraphScan.all(in: bytes)
        } catch {
            throw SavedModelError(.notASavedModel, "not a SavedModel: \(error)", remedy: "check that the file is a saved_model.pb and is complete")
        }
        guard metaGraphs.count <= MetaGraphScan.maximumCount else {
            throw SavedModelError(.notASavedModel, "not a SavedModel: it has more than \(MetaGraphScan.maximumCount) meta graphs")
        }
        guard let chosen = metaGraphs.first(where: { $0.tags == tags }) else {
            throw Self.noSuchTags(tags, present: metaGraphs.map(\.tags))
        }
        self.tags = chosen.tags
        self.tensorFlowVersion = chosen.tensorFlowVersion
        self.size = bytes.count
        self.graphSize = chosen.graphSize
        self.graphPieces = chosen.graph
        self.hasSaver = chosen.hasSaver
        do {
            self.assetNames = try chosen.assets.map { try Tensorflow_AssetFileDef(serializedBytes: Array(bytes[$0])).filename }
            self.signatureDefinitions = try chosen.signatures.mapValues { pieces in
                // A message in several pieces is their concatenation.
                try Tensorflow_SignatureDef(serializedBytes: pieces.flatMap { bytes[$0] })
            }
        } catch {
            throw SavedModelError(.notASavedModel, "not a SavedModel: a signature or an asset cannot be decoded: \(error)")
        }
        self.signatures = self.signatureDefinitions.mapValues { Signature($0) }
    }

    private static func noSuchTags(_ tags: Set<String>, present: [Set<String>]) -> SavedModelError {
        let shown = 8
        let found = present.prefix(shown).map { "{\(printable($0.sorted().joined(separator: ", ")))}" }.joined(separator: ", ")
        return SavedModelError(
            .noSuchTags,
            "no meta graph has exactly the tags {\(tags.sorted().joined(separator: ", "))}; the model has \(found.isEmpty ? "none" : found)\(present.count > shown ? ", ..." : "")",
            remedy: "export the model for serving (tag \"serve\")")
    }
}
