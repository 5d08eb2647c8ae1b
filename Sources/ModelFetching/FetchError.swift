// SPDX-License-Identifier: Apache-2.0

package import ByteCoding

/// Why a model could not be fetched.
package struct FetchError: DiagnosableError, Hashable {
    package let identifier: String
    package let message: String
    package let remedy: String?
    package let exitStatus: ExitStatus

    init(_ identifier: String, _ message: String, remedy: String? = nil, exitStatus: ExitStatus = .unavailable) {
        self.identifier = identifier
        self.message = message
        self.remedy = remedy
        self.exitStatus = exitStatus
    }

    static func badArchive(_ fault: String) -> FetchError {
        FetchError("bad-archive", "not a zip archive that can be read: \(fault)", remedy: "fetch it again from its source", exitStatus: .badData)
    }
}
