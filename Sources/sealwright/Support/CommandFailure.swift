// SPDX-License-Identifier: Apache-2.0

import ByteCoding

/// A failure that only the command line can have: its arguments do not fit together.
struct CommandFailure: DiagnosableError {
    let identifier: String
    let message: String
    let remedy: String?
    let exitStatus: ExitStatus

    init(_ identifier: String, _ message: String, remedy: String? = nil, exitStatus: ExitStatus = .usage) {
        self.identifier = identifier
        self.message = message
        self.remedy = remedy
        self.exitStatus = exitStatus
    }
}
