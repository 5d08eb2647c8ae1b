// SPDX-License-Identifier: Apache-2.0

internal import ByteCoding

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// The file of a manifest, in JSON.
extension ModelManifest {
    /// Longest manifest that is read: some 300,000 files.
    private static let maximumByteCount = 64 << 20

    private struct Document: Codable {
        struct File: Codable {
            let path: String
            let sealedSize: Int
            let plaintextSize: Int
            let metadataTag: String

            enum CodingKeys: String, CodingKey {
                case path
                case sealedSize = "sealed_size"
                case plaintextSize = "plaintext_size"
                case metadataTag = "metadata_tag"
            }
        }

        let formatVersion: Int
        let mountPath: String
        let files: [File]
        let digest: String

        enum CodingKeys: String, CodingKey {
            case formatVersion = "format_version"
            case mountPath = "mount_path"
            case files
            case digest
        }
    }

    /// Reads a manifest's file.
    ///
    /// - Throws: ``ProtectedFileError`` with the code `bad-manifest`, or the system's failure to read the file.
    public init(contentsOfFile path: String) throws {
        try self.init(decoding: try InputFile.readAll(path, limit: Self.maximumByteCount), of: path)
    }

    /// Reads a manifest.
    ///
    /// - Parameters:
    ///   - json: the bytes of its file.
    ///   - name: what messages call it.
    /// - Throws: ``ProtectedFileError`` with the code `bad-manifest`: for what is not such JSON, for files that are listed twice or out of
    ///   order, and when its digest is not that of its contents.
    public init(decoding json: [UInt8], of name: String = ModelManifest.fileName) throws {
        let document: Document
        do {
            document = try JSONDecoder().decode(Document.self, from: Data(json))
        } catch {
            throw ProtectedFileError(.badManifest, "\(name) is not the manifest of a sealed model: \(error)")
        }
        guard document.formatVersion == Self.formatVersion else {
            throw ProtectedFileError(.badManifest, "\(name) has format version \(document.formatVersion), not \(Self.formatVersion)")
        }
        let files = try document.files.map { file in
            guard let tag = [UInt8](hex: file.metadataTag), tag.count == NodeKey.tagByteCount, file.sealedSize >= 0, file.plaintextSize >= 0 else {
                throw ProtectedFileError(.badManifest, "in \(name) the entry of \(file.path) is damaged")
            }
            return File(path: file.path, sealedSize: file.sealedSize, plaintextSize: file.plaintextSize, metadataTag: tag)
        }
        for (file, next) in zip(files, files.dropFirst()) where !file.path.utf8.lexicographicallyPrecedes(next.path.utf8) {
            throw ProtectedFileError(.badManifest, "in \(name) \(next.path) is listed twice or out of order")
        }
        self.init(mountPath: document.mountPath, files: files)
        guard ManifestDigest(hex: document.digest) == self.digest else {
            throw ProtectedFileError(.badManifest, "the digest in \(name) is not that of its contents")
        }
        if let stray = files.first(where: { self.relativePath(of: $0) == nil }) {
            throw ProtectedFileError(.badManifest, "in \(name) \(stray.path) is not below \(self.mountPath)")
        }
    }

    /// The manifest's file.
    public func encode() throws -> [UInt8] {
        let document = Document(
            formatVersion: Self.formatVersion, mountPath: self.mountPath,
            files: self.files.map {
                Document.File(
                    path: $0.path, sealedSize: $0.sealedSize, plaintextSize: $0.plaintextSize, metadataTag: $0.metadataTag.hexString)
            }, digest: self.digest.description)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(document)) + [UInt8(ascii: "\n")]
    }
}
