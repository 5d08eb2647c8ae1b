// SPDX-License-Identifier: Apache-2.0

package import ByteCoding

/// Why a certificate, revocation list or signed JSON body could not be decoded.
public struct CollateralError: Error, Hashable, Sendable {
    /// What was wrong and where.
    public let message: String

    init(_ message: String) { self.message = message }

    /// Puts the place before the message.
    func within(_ place: String) -> CollateralError { CollateralError("\(place): \(self.message)") }
}

extension CollateralError: DiagnosableError {
    package var identifier: String { "collateral-malformed" }
    package var remedy: String? { "fetch the collateral again; it must be kept byte for byte as the service sent it" }
    package var exitStatus: ExitStatus { .badData }
}
