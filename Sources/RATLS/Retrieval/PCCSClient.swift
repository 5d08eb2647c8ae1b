// SPDX-License-Identifier: Apache-2.0

public import Attestation

/// Gets collateral from Intel's PCS or from a PCCS.
public struct PCCSClient: CollateralSource {
    /// The service.
    public let address: CollateralServiceAddress
    private let transport: any CollateralTransport
    private let retryDelay: Duration

    /// Prepares for asking; nothing is sent yet.
    ///
    /// `retryDelay`: how long to wait before the one more attempt that a busy service gets.
    public init(address: CollateralServiceAddress, transport: any CollateralTransport, retryDelay: Duration = .milliseconds(500)) {
        self.address = address
        self.transport = transport
        self.retryDelay = retryDelay
    }

    /// Gets the collateral that verifying a quote takes.
    ///
    /// - Throws: ``RATLSError``, naming address, status and remedy.
    public func collateral(for quote: Quote) async throws -> Collateral {
        try await self.collateral(for: CollateralKey(quote: quote))
    }

    /// Gets the collateral of one model of platform.
    public func collateral(for key: CollateralKey) async throws -> Collateral {
        let fmspc = key.fmspc.hexString.uppercased()
        let tcbInfo = CollateralDocument(
            url: self.address.tcbInfo(fmspc), name: "TCB info", issuerChainHeaders: ["TCB-Info-Issuer-Chain", "SGX-TCB-Info-Issuer-Chain"],
            missingRemedy: "FMSPC \(fmspc) is unknown to this service: refresh the PCCS, use that of the platform's owner, or Intel's PCS")
        let qeIdentity = CollateralDocument(
            url: self.address.qeIdentity, name: "QE identity", issuerChainHeaders: ["SGX-Enclave-Identity-Issuer-Chain"])
        let pckCRL = CollateralDocument(
            url: self.address.pckCRL(key.certificateAuthority), name: "PCK revocation list", issuerChainHeaders: ["SGX-PCK-CRL-Issuer-Chain"])
        let rootCACRL = CollateralDocument(url: self.address.rootCACRL, name: "root CA revocation list")

        async let tcbInfoResponse = self.get(tcbInfo)
        async let qeIdentityResponse = self.get(qeIdentity)
        async let pckCRLResponse = self.get(pckCRL)
        async let rootCACRLResponse = self.get(rootCACRL)
        let (tcb, qe, pck, root) = try await (tcbInfoResponse, qeIdentityResponse, pckCRLResponse, rootCACRLResponse)
        return Collateral(
            tcbInfo: try tcbInfo.json(from: tcb), tcbInfoIssuerChain: try tcbInfo.issuerChain(from: tcb),
            qeIdentity: try qeIdentity.json(from: qe), qeIdentityIssuerChain: try qeIdentity.issuerChain(from: qe),
            pckCRL: try pckCRL.revocationList(from: pck), pckCRLIssuerChain: try pckCRL.issuerChain(from: pck),
            rootCACRL: try rootCACRL.revocationList(from: root))
    }

    private func get(_ document: CollateralDocument) async throws -> CollateralResponse {
        let response = try await self.transport.get(document.url, bodyLimit: CollateralDocument.bodyLimit)
        guard [502, 503].contains(response.status) else { return response }
        try await Task.sleep(for: self.retryDelay)
        return try await self.transport.get(document.url, bodyLimit: CollateralDocument.bodyLimit)
    }
}
