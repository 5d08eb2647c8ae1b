// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What `sgx_default_qcnl.conf` tells Intel's quote provider library.
struct QuoteProviderConfiguration {
    /// Where the library finds it.
    static let path = "/etc/sgx_default_qcnl.conf"

    /// The collateral service (`pccs_url`).
    private(set) var collateralURL: String?
    /// Whether the service's certificate is checked (`use_secure_cert`).
    private(set) var checksCertificate = true

    /// Reads both forms: `NAME=VALUE` of old, JSON with comments of today.
    init(_ text: String) {
        for line in text.split(separator: "\n").map({ $0.trimmingCharacters(in: .whitespaces) }) where !line.hasPrefix("#") && !line.hasPrefix("//") {
            let value = line.split(whereSeparator: { $0 == "=" || $0 == "\"" || $0 == "," }).map { $0.trimmingCharacters(in: .whitespaces) }
            let lowered = line.lowercased()
            if lowered.contains("pccs_url"), let url = value.first(where: { $0.hasPrefix("http") }), self.collateralURL == nil {
                self.collateralURL = url
            }
            if lowered.contains("use_secure_cert"), lowered.contains("false") { self.checksCertificate = false }
        }
    }
}
