// SPDX-License-Identifier: Apache-2.0

import Attestation
import NIOSSL
import SecretProvisioning

/// Tells why a connection ended before there was a certificate to decide on.
enum HandshakeFailure {
    /// A report with the failed check; `nil` for a peer that left without a word.
    static func report(of error: any Error) -> VerificationReport? {
        // BoringSSL's reasons are only in the text of its errors.
        let text = String(describing: error)
        var recorder = ReportRecorder(plan: [.connectionTime, .tlsHandshake, .tlsClientCertificate])
        if let timeout = error as? SecretProvisioningError, timeout.code == .timeout {
            recorder.fail(
                .connectionTime, expected: "a TLS handshake in time", found: timeout.message, source: "connection",
                remedy: "a client that is this slow has stopped, or the network loses its packets")
            return recorder.report()
        }
        recorder.pass(.connectionTime)
        if text.contains("PEER_DID_NOT_RETURN_A_CERTIFICATE") {
            recorder.pass(.tlsHandshake)
            recorder.fail(
                .tlsClientCertificate, expected: "an RA-TLS certificate", found: "no certificate", source: "TLS",
                remedy: "connect with a secret-provisioning client that runs in an enclave; ordinary TLS clients get nothing here")
            return recorder.report()
        }
        if error is UndecidedError {
            recorder.fail(
                .tlsHandshake, expected: "a full TLS handshake", found: "a resumed session, in which no certificate is shown", source: "TLS",
                remedy: "let the client connect without session resumption: each request needs its evidence anew")
            return recorder.report()
        }
        // Bytes of a broken request cannot precede the handshake, so an error of the parser means that the peer left at once.
        if error is SecretProvisioningError || text.contains("EOF during handshake") { return nil }
        recorder.fail(
            .tlsHandshake, expected: "a TLS 1.2 or 1.3 handshake", found: text, source: "TLS", remedy: self.remedy(text))
        return recorder.report()
    }

    private static func remedy(_ text: String) -> String {
        if text.contains("UNKNOWN_CA") || text.contains("BAD_CERTIFICATE") || text.contains("CERTIFICATE_UNKNOWN") {
            return
                "the client does not trust this broker's certificate: check its SECRET_PROVISION_CA_CHAIN_PATH, the dates, and that the name it connects to is in the certificate"
        }
        if text.contains("NO_SHARED_CIPHER") || text.contains("UNSUPPORTED_PROTOCOL") || text.contains("NO_COMMON_SIGNATURE") {
            return "the client and this broker have no TLS version, suite or signature in common: TLS 1.2 with ECDHE and AES-GCM is the least"
        }
        if error(text, isOf: ["WRONG_VERSION_NUMBER", "HTTP_REQUEST"]) { return "the client does not speak TLS" }
        return "compare with the client's own log"
    }

    private static func error(_ text: String, isOf reasons: [String]) -> Bool { reasons.contains { text.contains($0) } }
}

/// Tells why a client that was to get a secret did not.
enum RequestFailure {
    static func report(of error: any Error) -> VerificationReport {
        var recorder = ReportRecorder(plan: [.connectionTime, .requestFormat])
        let known = error as? SecretProvisioningError
        if let known, known.code == .timeout {
            recorder.fail(
                .connectionTime, expected: "a request in time", found: known.message, source: "connection",
                remedy: "a client that is this slow has stopped, or the network loses its packets")
            return recorder.report()
        }
        recorder.pass(.connectionTime)
        recorder.fail(
            .requestFormat, expected: "a request of version 1", found: known?.message ?? String(describing: error), source: "connection",
            remedy: known?.remedy ?? "look at the client's own log")
        return recorder.report()
    }
}
