// SPDX-License-Identifier: Apache-2.0

/// One thing that is wrong with a certificate.
enum CertificateDamage {
    /// Another name than that of its role.
    case misnamed
    /// No authority key identifier.
    case incomplete
    /// Signed by another key than its issuer's.
    case forged
    /// Its validity ended half a day after it began.
    case expired
    /// No description of a platform.
    case withoutSGXExtension
    /// The one serial number that is revoked on request.
    case otherSerialNumber
}
