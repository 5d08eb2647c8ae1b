// SPDX-License-Identifier: Apache-2.0

/// What a sealing, opening, verifying or rewrapping did.
public struct ProtectedFileSummary: Hashable, Sendable {
    /// Number of files.
    public let files: Int
    /// Bytes of plaintext in them.
    public let bytes: Int
    /// The manifest of a folder that was sealed or rewrapped.
    public let manifest: ModelManifest?

    init(files: Int, bytes: Int, manifest: ModelManifest? = nil) {
        self.files = files
        self.bytes = bytes
        self.manifest = manifest
    }
}
