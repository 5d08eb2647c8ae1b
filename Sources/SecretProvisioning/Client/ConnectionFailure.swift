// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOSSL

/// Turns what a TLS connection ended with into what the reader can act on.
enum ConnectionFailure {
    static func describe(_ error: any Error, server: ServerAddress) -> any Error {
        switch error {
        case let error as SecretProvisioningError where error.code == .timeout:
            SecretProvisioningError(
                .timeout, "\(server) did not answer: \(error.message)", remedy: "read the broker's log; it may be waiting for its collateral service")
        case is SecretProvisioningError, is CancellationError: error
        case let error as NIOSSLExtraError where error == .failedToValidateHostname:
            SecretProvisioningError(
                .untrusted, "the certificate of \(server) is for another host name (\(error))",
                remedy: "ask the broker under a name in its certificate, or issue one with that name (sealwright tls issue)")
        default: self.describeTLS(String(describing: error), server: server)
        }
    }

    /// BoringSSL's reasons are only in the text of its errors.
    private static func describeTLS(_ text: String, server: ServerAddress) -> SecretProvisioningError {
        if text.contains("CERTIFICATE_VERIFY_FAILED") {
            return SecretProvisioningError(
                .untrusted, "the certificate of \(server) does not come from the CA that this client trusts, or has expired",
                remedy:
                    "give the CA certificate of this broker; check this machine's clock; compare issuer and dates with `openssl s_client -connect \(server)`"
            )
        }
        if text.contains("WRONG_VERSION_NUMBER") || text.contains("HTTP_REQUEST") {
            return SecretProvisioningError(
                .badResponse, "\(server) does not speak TLS", remedy: "check that the address is a key broker's (port 4433)")
        }
        if let alert = text.split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "_" }).first(where: { $0.contains("ALERT") }) {
            return .refusedByBroker("\(server) ended TLS with \(alert)")
        }
        return .refusedByBroker("\(server) closed the connection (\(text))")
    }
}
