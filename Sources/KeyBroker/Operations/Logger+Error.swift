// SPDX-License-Identifier: Apache-2.0

import ByteCoding
package import Logging

extension Logger {
    /// What a log says of an error: its message, its code, and what to do about it.
    package static func metadata(of error: any Error) -> Metadata {
        guard let known = error as? any DiagnosableError else { return ["error": "\(error)"] }
        var metadata: Metadata = ["error": "\(known.message)", "code": "\(known.identifier)"]
        metadata["remedy"] = known.remedy.map { "\($0)" }
        return metadata
    }
}
