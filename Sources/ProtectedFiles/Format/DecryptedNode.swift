// SPDX-License-Identifier: Apache-2.0

internal import ByteCoding

/// The authentic content of a node (of the metadata node: its inline data), wiped when nobody holds it any more.
final class DecryptedNode: Sendable {
    private let content: SecretBytes

    init(_ content: Span<UInt8>) { self.content = SecretBytes(copying: content) }

    func withBytes<Result>(_ body: (Span<UInt8>) throws -> Result) rethrows -> Result { try self.content.withBytes(body) }

    /// In a tree node: the entry of the `index`th data node below it.
    func dataEntry(_ index: Int) -> NodeEntry { self.entry(index) }

    /// In a tree node: the entry of the `index`th tree node below it.
    func childEntry(_ index: Int) -> NodeEntry { self.entry(NodeGeometry.dataNodesPerGroup + index) }

    private func entry(_ index: Int) -> NodeEntry {
        let start = index * NodeEntry.byteCount
        return self.content.withBytes { NodeEntry(decoding: $0.extracting(start..<start + NodeEntry.byteCount)) }
    }
}
