// SPDX-License-Identifier: Apache-2.0

package import ByteCoding

/// A protected file, wrap key or embedded path that cannot be accepted.
///
/// The codes of damaged files are the classes of failure that a reader of Gramine's format distinguishes, in the order in
/// which it checks them. Failures of the system (no such file, disk full) are errors of their own.
public struct ProtectedFileError: Error, Hashable, Sendable {
    /// What kind of failure it is: a stable name for programs.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The name in kebab case.
        public let description: String

        private init(_ description: String) { self.description = description }

        /// The length of the file is not a multiple of 4096 bytes.
        public static let badSize = Code("bad-size")
        /// A node that the plaintext's size requires is missing.
        public static let truncated = Code("truncated")
        /// The file does not begin with the format's identifier.
        public static let badMagic = Code("bad-magic")
        /// The major version is neither 1 nor 2.
        public static let badVersion = Code("bad-version")
        /// The encrypted metadata is not authentic: another key, or a damaged first node.
        public static let metadataAuthentication = Code("metadata-auth")
        /// The embedded path has no end.
        public static let badPath = Code("bad-path")
        /// The embedded path is not the one that was required.
        public static let pathMismatch = Code("path-mismatch")
        /// A node of the key tree is not authentic.
        public static let treeAuthentication = Code("mht-auth")
        /// A data node is not authentic.
        public static let dataAuthentication = Code("data-auth")
        /// A wrap key is not 16 bytes long.
        public static let badKeySize = Code("bad-key-size")
        /// A path is longer than the format can embed.
        public static let pathTooLong = Code("path-too-long")
        /// A path names no file.
        public static let pathEmpty = Code("path-empty")
        /// A path holds a byte of value zero.
        public static let pathHasNull = Code("path-has-nul")
        /// The name of a file is not UTF-8.
        public static let pathNotUTF8 = Code("path-not-utf8")
        /// An input is neither a regular file nor a folder.
        public static let notARegularFile = Code("not-a-regular-file")
        /// A file was written to while it was being read.
        public static let inputChanged = Code("input-changed")
        /// A model's manifest cannot be read.
        public static let badManifest = Code("bad-manifest")
        /// Files or digest are not what the manifest, or who asked for it, says.
        public static let manifestMismatch = Code("manifest-mismatch")
        /// A file has a name that the output needs for itself.
        public static let reservedName = Code("reserved-name")
    }

    /// What kind of failure it is.
    public let code: Code
    /// What was wrong and where, for people; never holds key material.
    public let message: String
    /// What its reader can do about it.
    public let remedy: String?

    init(_ code: Code, _ message: String, remedy: String? = nil) {
        self.code = code
        self.message = message
        self.remedy = remedy ?? Self.usualRemedy(for: code)
    }

    private static func usualRemedy(for code: Code) -> String? {
        switch code {
        case .badSize, .truncated: "the file was cut off or something was appended: copy it again from its source"
        case .badMagic: "this is not a file sealed by Gramine or Sealwright; check the input"
        case .badVersion: "the file was made by another version of the format than 1 (Gramine up to 1.8) and 2 (Gramine 1.9 and later)"
        case .metadataAuthentication: "check that this is the wrap key the file was sealed with; if it is, the file was damaged or tampered with"
        case .treeAuthentication, .dataAuthentication, .badPath:
            "the file was damaged or tampered with: copy it again from its source, or seal the original again"
        case .badKeySize: "a wrap key is a file of exactly 16 bytes; make one with: sealwright key generate --output FILE"
        case .pathTooLong: "choose a shorter --mount-path; at most \(EmbeddedPath.maximumLength) bytes fit"
        case .pathEmpty: "pass as --mount-path the path under which the enclave will open the file"
        case .pathNotUTF8: "rename the file"
        case .pathHasNull: "take the zero byte out of the path"
        case .notARegularFile: "take it out of the input, or put a copy of what it points to in its place"
        case .inputChanged: "try again when nothing writes to the file"
        case .badManifest: "copy the manifest again from where the folder was sealed, or seal the folder again"
        case .manifestMismatch: "this is another, an older or a mixed state of the model: copy the whole folder again from where it was sealed"
        case .reservedName: "the input seems to be sealed already; if it is not, rename the file"
        default: nil
        }
    }

    /// Whether code and message are equal; the remedy follows from them.
    public static func == (left: Self, right: Self) -> Bool { left.code == right.code && left.message == right.message }

    /// Hashes what `==` compares.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(self.code)
        hasher.combine(self.message)
    }
}

extension ProtectedFileError: DiagnosableError {
    package var identifier: String { self.code.description }

    package var exitStatus: ExitStatus { .badData }
}
