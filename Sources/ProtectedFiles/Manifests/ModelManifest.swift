// SPDX-License-Identifier: Apache-2.0

internal import ByteCoding
internal import Crypto

/// What pins a sealed folder to one state: every file with its path, its sizes and the tag of its metadata.
///
/// The format of sealed files binds each file to its key and path, but nothing tells an older file from a newer one, or a folder of files
/// from two sealings from a folder of one. The tag of a file's metadata is different for every sealing and covers, by way of the
/// key tree, the whole file; so a manifest with a known ``digest`` lets through this very model and no other.
public struct ModelManifest: Hashable, Sendable {
    /// One sealed file.
    public struct File: Hashable, Sendable {
        /// The path it is sealed for, normalised: what the enclave opens it as.
        public let path: String
        /// Length of the sealed file in bytes.
        public let sealedSize: Int
        /// Length of the plaintext in bytes.
        public let plaintextSize: Int
        /// The AES-GCM tag of the file's metadata, 16 bytes.
        public let metadataTag: [UInt8]

        init(path: String, sealedSize: Int, plaintextSize: Int, metadataTag: [UInt8]) {
            self.path = path
            self.sealedSize = sealedSize
            self.plaintextSize = plaintextSize
            self.metadataTag = metadataTag
        }
    }

    /// Name of the manifest's file, at the top of the folder.
    public static let fileName = "MANIFEST.sealed.json"
    /// The form of the manifest that this writes and reads.
    public static let formatVersion = 1

    /// The path that the folder is sealed for, normalised.
    public let mountPath: String
    /// The files, in the order of their paths' bytes.
    public let files: [File]

    init(mountPath: String, files: [File]) {
        self.mountPath = mountPath
        self.files = files.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    }

    /// SHA-256 over everything in the manifest, independent of how its JSON is written.
    ///
    /// Hashed are the text `sealwright-model-manifest-1`, the mount path, the number of files, and for each its path, its sizes and its
    /// tag: numbers as 64 bits little-endian, texts after their length in bytes.
    public var digest: ManifestDigest {
        var writer = ByteWriter()
        Self.write("sealwright-model-manifest-\(Self.formatVersion)", to: &writer)
        Self.write(self.mountPath, to: &writer)
        writer.writeLittleEndian(UInt64(self.files.count))
        for file in self.files {
            Self.write(file.path, to: &writer)
            writer.writeLittleEndian(UInt64(file.sealedSize))
            writer.writeLittleEndian(UInt64(file.plaintextSize))
            writer.write(file.metadataTag)
        }
        return ManifestDigest(Array(SHA256.hash(data: writer.bytes)))
    }

    /// The path of a file below the folder, by the path that it is sealed for; `nil` for one that lies elsewhere.
    func relativePath(of file: File) -> String? {
        let prefix = self.mountPath.isEmpty || self.mountPath == "/" ? self.mountPath : self.mountPath + "/"
        guard file.path.utf8.starts(with: prefix.utf8) else { return nil }
        let relative = String(decoding: file.path.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
        // Nothing in a manifest leads out of its folder.
        let isInside = relative.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .allSatisfy { !$0.isEmpty && !$0.elementsEqual("..".utf8) && !$0.elementsEqual(".".utf8) }
        return isInside ? relative : nil
    }

    private static func write(_ text: String, to writer: inout ByteWriter) {
        writer.writeLittleEndian(UInt64(text.utf8.count))
        writer.write(text.utf8)
    }
}
