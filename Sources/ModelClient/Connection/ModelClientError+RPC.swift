// SPDX-License-Identifier: Apache-2.0

import GRPCCore

extension ModelClientError {
    /// Says what a failed call means and what to do about it.
    init(_ error: RPCError, server: ModelClientConfiguration) {
        let place = "\(server.host):\(server.port)"
        switch error.code {
        case .unavailable: self.init(unavailable: error, place: place, usesTLS: server.security != nil)
        case .deadlineExceeded:
            self.init(.unreachable, "\(place) did not answer within \(server.timeout)", remedy: "check that the server is up and not overloaded")
        case .notFound: self.init(.noSuchModel, error.message, remedy: "ask for a model that this server serves; the server's log names it")
        case .failedPrecondition where error.message.contains("Serving signature"):
            self.init(.noSuchModel, error.message, remedy: "name one of the model's signatures with --signature")
        case .unauthenticated, .permissionDenied: self.init(.refusedByServer, "\(place) refuses: \(error.message)")
        case .invalidArgument, .failedPrecondition, .outOfRange, .unimplemented:
            self.init(.requestRefused, "\(place) refuses the request: \(error.message)")
        default: self.init(.serverFailed, "\(place) failed: \(error.message) (\(error.code))", remedy: "read the server's log")
        }
    }

    /// Reads from the reasons that BoringSSL and the system give which side did not trust which.
    private init(unavailable error: RPCError, place: String, usesTLS: Bool) {
        let reasons = Self.reasons(error)
        let text = reasons.joined(separator: "; ")
        if text.contains("CERTIFICATE_VERIFY_FAILED") {
            self.init(
                .untrustedServer, "the certificate of \(place) is not from a CA that is trusted here, or out of date",
                remedy: "give the CA that issued it with --ca")
        } else if text.contains("failedToValidateHostname") || text.contains("Hostname") {
            self.init(
                .untrustedServer, "the certificate of \(place) is for another name", remedy: "give the name that it was issued for with --server-name"
            )
        } else if let alert = [
            "CERTIFICATE_REQUIRED", "UNKNOWN_CA", "BAD_CERTIFICATE", "UNSUPPORTED_CERTIFICATE", "CERTIFICATE_EXPIRED", "CERTIFICATE_UNKNOWN",
        ]
        .first(where: { text.contains($0) }) {
            self.init(
                .refusedByServer, "\(place) refuses this client's certificate (\(alert.lowercased()))",
                remedy: "give --certificate and --private-key, issued by the CA that the server trusts")
        } else if text.contains("WRONG_VERSION_NUMBER") {
            self.init(.unreachable, "\(place) does not speak TLS", remedy: "leave --ca out, or start the server with --ssl_config_file")
        } else {
            self.init(
                .unreachable, "\(place) cannot be reached: \(text)",
                remedy: usesTLS ? "check host, port and that the server is up" : "check host and port; if the server uses TLS, give --ca")
        }
    }

    /// The messages of an error and of all that caused it.
    private static func reasons(_ error: RPCError) -> [String] {
        var reasons = [error.message]
        var cause = error.cause
        while let current = cause {
            if let rpc = current as? RPCError {
                reasons.append(rpc.message)
                cause = rpc.cause
            } else {
                reasons.append("\(current)")
                cause = nil
            }
        }
        return reasons
    }
}
