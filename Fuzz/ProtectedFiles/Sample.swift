// SPDX-License-Identifier: Apache-2.0

import ByteCoding

@testable import ProtectedFiles

/// A sealed file to change.
struct Sample {
    static let key: WrapKey = {
        let bytes = [UInt8](repeating: 0x2a, count: WrapKey.byteCount)
        guard let key = try? WrapKey(bytes.span) else { fatalError("16 bytes are a key") }
        return key
    }()

    /// Files without a key tree, with one of one node, and with one of two levels, in both versions.
    static let all: [Sample] = [
        Sample(40, .version1), Sample(3072, .version2), Sample(12_000, .version1), Sample(12_000, .version2), Sample(400_000, .version1),
    ]

    let plaintext: [UInt8]
    private let sealed: [UInt8]
    private let version: FormatVersion

    private init(_ size: Int, _ version: FormatVersion) {
        self.plaintext = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        self.version = version
        guard let sealed = try? ProtectedFileSealer(key: Self.key, formatVersion: version).seal(self.plaintext, mountPath: "sample") else {
            fatalError("a sample cannot be sealed")
        }
        self.sealed = sealed
    }

    /// The file after the edits.
    func edited(by edits: [Edit]) -> [UInt8] {
        var file = self.sealed
        let forgeries = edits.filter { $0.kind == .metadata }
        if !forgeries.isEmpty { file.replaceSubrange(..<NodeGeometry.nodeSize, with: self.forgedMetadataNode(forgeries)) }
        for edit in edits {
            switch edit.kind {
            case .flip: if edit.offset < file.count { file[edit.offset] ^= edit.value }
            case .cut: file.removeLast(max(0, file.count - edit.offset))
            case .append: file += [UInt8](repeating: edit.value, count: edit.offset % (2 * NodeGeometry.nodeSize))
            case .copyNode: Self.copyNode(Int(edit.value), to: edit.offset / NodeGeometry.nodeSize, in: &file)
            case .metadata, .read: break
            }
        }
        return file
    }

    private static func copyNode(_ source: Int, to destination: Int, in file: inout [UInt8]) {
        guard source < file.count / NodeGeometry.nodeSize, destination < file.count / NodeGeometry.nodeSize else { return }
        let node = Array(file[source * NodeGeometry.nodeSize..<(source + 1) * NodeGeometry.nodeSize])
        file.replaceSubrange(destination * NodeGeometry.nodeSize..<(destination + 1) * NodeGeometry.nodeSize, with: node)
    }

    /// Authentic metadata that no sealer would write.
    private func forgedMetadataNode(_ edits: [Edit]) -> [UInt8] {
        do {
            let header = try MetadataNode(decoding: self.sealed.span.extracting(0..<NodeGeometry.nodeSize), of: "sample")
            var metadata = try header.open(with: Self.key, of: "sample").encode()
            for edit in edits { metadata[edit.offset % metadata.count] ^= edit.value }
            var ciphertext: [UInt8] = []
            let tag = try MetadataKey.derive(from: Self.key, nonce: header.nonce.span).seal(metadata.span, appendingTo: &ciphertext)
            let flags: [UInt8] = self.version == .version2 ? [0] : []
            let node = Array(self.sealed.prefix(10)) + header.nonce + tag + flags + ciphertext
            return node + [UInt8](repeating: 0, count: NodeGeometry.nodeSize - node.count)
        } catch {
            fatalError("a sample's metadata cannot be opened: \(error)")
        }
    }
}
