// SPDX-License-Identifier: Apache-2.0

package import ByteCoding

/// Why a file is not a manifest.
public struct ManifestError: Error, Hashable, Sendable {
    /// What was wrong and where.
    public let message: String
}

extension ManifestError: DiagnosableError {
    package var identifier: String { "manifest-syntax" }
    package var exitStatus: ExitStatus { .configuration }
    package var remedy: String? { "give the manifest, its template or the .manifest.sgx: TOML, in UTF-8" }
}
