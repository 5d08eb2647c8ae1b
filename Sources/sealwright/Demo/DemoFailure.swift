// SPDX-License-Identifier: Apache-2.0

import ByteCoding

/// Something in the demo was not as it told.
struct DemoFailure: DiagnosableError {
    let message: String
    let remedy: String?
    let identifier = "demo-failed"
    let exitStatus = ExitStatus.software

    init(_ message: String, remedy: String? = nil) {
        self.message = message
        self.remedy = remedy
    }
}
