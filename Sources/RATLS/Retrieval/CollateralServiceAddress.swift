// SPDX-License-Identifier: Apache-2.0

import Attestation
import ByteCoding

/// The addresses of a collateral service's documents: Intel's PCS, or a PCCS with the same paths.
public struct CollateralServiceAddress: Hashable, Sendable {
    /// Where Intel publishes the root CA's revocation list, which its PCS does not serve.
    static let intelRootCACRL = "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der"
    private static let intelHost = "api.trustedservices.intel.com"

    /// The versions of the service's interface.
    public enum Version: String, Hashable, Sendable {
        /// SGX alone, TCB info version 2.
        case v3
        /// SGX and TDX, TCB info version 3, early and standard updates.
        case v4
    }

    /// The base, ending in `/sgx/certification/v4/` or `/sgx/certification/v3/`.
    public let base: String
    /// The version of the interface that the base names.
    public let version: Version
    /// Whether it is Intel's own service.
    public let isIntel: Bool

    /// Reads a base address such as `https://localhost:8081/sgx/certification/v4/`.
    ///
    /// - Throws: ``RATLSError/Code-swift.struct/badServiceURL`` when it is not the base of a collateral service.
    public init(_ text: String) throws(RATLSError) {
        let base = text.hasSuffix("/") ? text : text + "/"
        guard let host = Self.host(of: base) else {
            throw Self.error(text, "is no http or https address")
        }
        guard let version = [Version.v3, .v4].first(where: { base.hasSuffix(Self.path(.sgx, $0)) }), !base.contains(where: { "?# ".contains($0) })
        else {
            throw Self.error(text, "does not end in /sgx/certification/v4/ or /sgx/certification/v3/")
        }
        self.base = base
        self.version = version
        self.isIntel = host == Self.intelHost
    }

    /// TCB info of a model of platform.
    func tcbInfo(_ fmspc: FMSPC, _ tee: TEE, _ update: CollateralUpdate) -> String {
        "\(self.base(for: tee))tcb?fmspc=\(fmspc.hexString.uppercased())\(Self.query(update, separator: "&"))"
    }

    /// Identity of the quoting enclave of a TEE.
    func qeIdentity(_ tee: TEE, _ update: CollateralUpdate) -> String {
        "\(self.base(for: tee))qe/identity\(Self.query(update, separator: "?"))"
    }

    func pckCRL(_ authority: SGXPlatform.CertificateAuthority) -> String { "\(self.base)pckcrl?ca=\(authority.rawValue)&encoding=der" }

    /// Where the root CA's revocation list may be, in order of preference.
    ///
    /// A PCCS has `rootcacrl` up to version 3.0 of its interface, and later answers `crl` for any distribution point; newer ones know both.
    var rootCACRL: [String] {
        self.isIntel ? [Self.intelRootCACRL] : ["\(self.base)rootcacrl", "\(self.base)crl?uri=\(Self.intelRootCACRL)"]
    }

    /// The TCB evaluations that are on offer, with their dates.
    func tcbEvaluationDataNumbers(_ tee: TEE) -> String { "\(self.base(for: tee))tcbevaluationdatanumbers" }

    /// The PCK certificate of one platform at one security version.
    ///
    /// Numbers are little-endian, as they lie in certification data. A PCCS finds platforms by `qeid` and takes an empty `encrypted_ppid`.
    func pckCertificate(_ platform: CertificationData.PlatformIdentification, pceID: PCEID, qeIdentifier: QEIdentifier) -> String {
        let ppid = platform.isEncrypted ? platform.ppid.hexString : ""
        let pceSVN = [UInt8(truncatingIfNeeded: platform.pceSVN), UInt8(truncatingIfNeeded: platform.pceSVN >> 8)].hexString
        let common = "encrypted_ppid=\(ppid)&cpusvn=\(platform.cpuSVN)&pcesvn=\(pceSVN)&pceid=\(pceID)"
        return "\(self.base)pckcert?\(self.isIntel ? "" : "qeid=\(qeIdentifier)&")\(common)"
    }

    /// The base for a TEE's own documents: `/tdx/` in place of `/sgx/`.
    private func base(for tee: TEE) -> String {
        self.base.dropLast(Self.path(.sgx, self.version).count) + Self.path(tee, self.version)
    }

    private static func path(_ tee: TEE, _ version: Version) -> String { "/\(tee.rawValue.lowercased())/certification/\(version.rawValue)/" }

    /// Nothing for what a service sends unasked, which old ones take no parameter for.
    private static func query(_ update: CollateralUpdate, separator: String) -> String {
        switch update {
        case .standard: ""
        case .early: "\(separator)update=early"
        case .evaluation(let number): "\(separator)tcbEvaluationDataNumber=\(number)"
        }
    }

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
