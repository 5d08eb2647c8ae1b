// SPDX-License-Identifier: Apache-2.0

import Attestation

/// The addresses of a collateral service's documents: Intel's PCS, or a PCCS with the same paths.
public struct CollateralServiceAddress: Hashable, Sendable {
    /// Where Intel publishes the root CA's revocation list, which its PCS does not serve.
    static let intelRootCACRL = "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der"
    private static let intelHost = "api.trustedservices.intel.com"

    /// The base, ending in `/sgx/certification/v4/` or `/sgx/certification/v3/`.
    public let base: String
    private let isIntel: Bool

    /// Reads a base address such as `https://localhost:8081/sgx/certification/v4/`.
    ///
    /// - Throws: ``RATLSError/Code-swift.struct/badServiceURL`` when it is not the base of a collateral service.
    public init(_ text: String) throws(RATLSError) {
        let base = text.hasSuffix("/") ? text : text + "/"
        guard let host = Self.host(of: base) else {
            throw Self.error(text, "is no http or https address")
        }
        guard ["/sgx/certification/v3/", "/sgx/certification/v4/"].contains(where: base.hasSuffix), !base.contains(where: { "?# ".contains($0) })
        else {
            throw Self.error(text, "does not end in /sgx/certification/v4/ or /sgx/certification/v3/")
        }
        self.base = base
        self.isIntel = host == Self.intelHost
    }

    func tcbInfo(_ fmspc: String) -> String { "\(self.base)tcb?fmspc=\(fmspc)" }

    var qeIdentity: String { "\(self.base)qe/identity" }

    func pckCRL(_ authority: SGXPlatform.CertificateAuthority) -> String { "\(self.base)pckcrl?ca=\(authority.rawValue)&encoding=der" }

    var rootCACRL: String { self.isIntel ? Self.intelRootCACRL : "\(self.base)rootcacrl" }

    private static func host(of base: String) -> Substring? {
        guard let scheme = ["https://", "http://"].first(where: base.hasPrefix) else { return nil }
        let authority = base.dropFirst(scheme.count).prefix { $0 != "/" }
        let host = authority.hasPrefix("[") ? authority.prefix { $0 != "]" } : authority.prefix { $0 != ":" }
        return host.isEmpty ? nil : host
    }

    private static func error(_ text: String, _ problem: String) -> RATLSError {
        RATLSError(
            .badServiceURL, "the collateral service's address \(text) \(problem)",
            remedy: "give the whole base, as in https://HOST:8081/sgx/certification/v4/ (`pccs_url` of sgx_default_qcnl.conf)")
    }
}
