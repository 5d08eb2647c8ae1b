// SPDX-License-Identifier: Apache-2.0

public import Attestation

extension Check.ID {
    /// The TLS handshake succeeded, apart from the client's certificate.
    public static let tlsHandshake = Check.ID("tls.handshake")
    /// The client showed a certificate.
    public static let tlsClientCertificate = Check.ID("tls.client-certificate")
    /// A rule admits evidence that was not made for the occasion, as this door's evidence is.
    public static let ruleFreshness = Check.ID("rule.freshness")
    /// The store has the rule's secret and opens for this evidence.
    public static let secretAvailable = Check.ID("secret.available")
    /// The client asked as the protocol says.
    public static let requestFormat = Check.ID("request.format")
    /// The client was quick enough.
    public static let connectionTime = Check.ID("connection.time")
}
