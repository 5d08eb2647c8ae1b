// SPDX-License-Identifier: Apache-2.0

public import Attestation

extension Check.ID {
    /// The TLS handshake succeeded, apart from the client's certificate.
    public static let tlsHandshake = Check.ID("tls.handshake")
    /// The client showed a certificate.
    public static let tlsClientCertificate = Check.ID("tls.client-certificate")
    /// The challenge was given out by a broker of this store.
    public static let challengeGenuine = Check.ID("challenge.genuine")
    /// The challenge's time has not passed.
    public static let challengeFreshness = Check.ID("challenge.freshness")
    /// The quote binds the challenge, the key for the answer, and what is asked for.
    public static let challengeBinding = Check.ID("challenge.binding")
    /// The challenge had not been answered before.
    public static let challengeUnused = Check.ID("challenge.unused")
    /// Evidence answers a challenge, or a rule admits such as was not made for the occasion.
    public static let ruleFreshness = Check.ID("rule.freshness")
    /// The model that the secret is asked for is one that the rule names.
    public static let ruleModel = Check.ID("rule.model")
    /// The store has the rule's secret and opens for this evidence.
    public static let secretAvailable = Check.ID("secret.available")
    /// The client asked as the protocol says.
    public static let requestFormat = Check.ID("request.format")
    /// The client was quick enough.
    public static let connectionTime = Check.ID("connection.time")
}
