// SPDX-License-Identifier: Apache-2.0

public import Attestation

/// Gets collateral from Intel's PCS or from a PCCS.
public struct PCCSClient: CollateralSource, CustomStringConvertible {
    /// The service.
    public let address: CollateralServiceAddress
    private let transport: any CollateralTransport
    private let subscriptionKey: String?
    private let retry: RetryPolicy
    private let sleep: @Sendable (Duration) async throws -> Void

    /// Prepares for asking; nothing is sent yet.
    ///
    /// - Parameters:
    ///   - address: the service.
    ///   - transport: what carries requests.
    ///   - subscriptionKey: a secret that Intel's service wants for PCK certificates, and for nothing else.
    ///   - retry: when a request is made again.
    ///   - sleep: waits between two attempts.
    public init(
        address: CollateralServiceAddress, transport: any CollateralTransport, subscriptionKey: String? = nil, retry: RetryPolicy = RetryPolicy(),
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.address = address
        self.transport = transport
        self.subscriptionKey = subscriptionKey
        self.retry = retry
        self.sleep = sleep
    }

    /// The service's address; never the subscription key.
    public var description: String { self.address.base }

    /// Gets the collateral that verifying a quote takes, with the platform's PCK certificate if the quote does not carry it.
    ///
    /// - Throws: ``RATLSError``, naming address, status and remedy.
    public func collateral(for quote: Quote) async throws -> Collateral {
        try await self.entry(for: quote).collateral
    }

    /// Gets the collateral of one model of platform.
    ///
    /// - Throws: ``RATLSError``, naming address, status and remedy.
    public func collateral(for key: CollateralKey, update: CollateralUpdate = .standard) async throws -> Collateral {
        try self.requireVersion(for: key.tee, update)
        let fmspc = key.fmspc.hexString.uppercased()
        let tcbInfo = CollateralDocument(
            urls: [self.address.tcbInfo(key.fmspc, key.tee, update)], name: "TCB info",
            issuerChainHeaders: ["TCB-Info-Issuer-Chain", "SGX-TCB-Info-Issuer-Chain"],
            missingRemedy:
                "FMSPC \(fmspc) is unknown to this service, or has no \(key.tee.rawValue): refresh the PCCS, use that of the platform's owner, or Intel's PCS"
        )
        let qeIdentity = CollateralDocument(
            urls: [self.address.qeIdentity(key.tee, update)], name: "QE identity", issuerChainHeaders: ["SGX-Enclave-Identity-Issuer-Chain"])
        let pckCRL = CollateralDocument(
            urls: [self.address.pckCRL(key.certificateAuthority)], name: "PCK revocation list", issuerChainHeaders: ["SGX-PCK-CRL-Issuer-Chain"])
        let rootCACRL = CollateralDocument(urls: self.address.rootCACRL, name: "root CA revocation list")

        async let tcbInfoAnswer = self.get(tcbInfo)
        async let qeIdentityAnswer = self.get(qeIdentity)
        async let pckCRLAnswer = self.get(pckCRL)
        async let rootCACRLAnswer = self.get(rootCACRL)
        let (tcb, qe, pck, root) = try await (tcbInfoAnswer, qeIdentityAnswer, pckCRLAnswer, rootCACRLAnswer)
        return Collateral(
            tcbInfo: try tcb.json(), tcbInfoIssuerChain: try tcb.issuerChain(),
            qeIdentity: try qe.json(), qeIdentityIssuerChain: try qe.issuerChain(),
            pckCRL: try pck.revocationList(), pckCRLIssuerChain: try pck.issuerChain(),
            rootCACRL: try root.revocationList())
    }

    /// Gets what tells when the standard edition will become which evaluation: a signed statement and its issuer chain.
    ///
    /// - Returns: `nil` if the service does not offer it, as a PCCS.
    /// - Throws: ``RATLSError``, naming address, status and remedy.
    public func tcbEvaluationDataNumbers(for tee: TEE) async throws -> (body: [UInt8], issuerChain: [UInt8])? {
        try self.requireVersion(for: tee, .early)
        let answer = try await self.get(
            CollateralDocument(
                urls: [self.address.tcbEvaluationDataNumbers(tee)], name: "list of TCB evaluation data numbers",
                issuerChainHeaders: ["TCB-Evaluation-Data-Numbers-Issuer-Chain"]))
        guard ![400, 404].contains(answer.response.status) else { return nil }
        return (try answer.json(), try answer.issuerChain())
    }

    /// Gets the PCK certificate of the platform that a quote names without carrying it (certification data types 1 to 3).
    ///
    /// - Returns: The certificate, its CA's and the root's, PEM.
    /// - Throws: ``RATLSError``, also for a quote that names no platform.
    public func pckCertificateChain(for quote: Quote) async throws -> [UInt8] {
        guard let platform = quote.certificationData.platformIdentification else {
            throw RATLSError(
                .collateralUnavailable,
                "the quote does not name its platform (certification data type \(quote.certificationData.kind.rawValue))",
                remedy: "install the quote provider library on the attesting machine (libsgx-dcap-default-qpl), and quote again")
        }
        let pceID = platform.pceID ?? .first
        let document = CollateralDocument(
            urls: [self.address.pckCertificate(platform, pceID: pceID, qeIdentifier: quote.header.qeIdentifier)], name: "PCK certificate",
            issuerChainHeaders: ["SGX-PCK-Certificate-Issuer-Chain"],
            missingRemedy: "the platform is unknown to this service: register it (PCKIDRetrievalTool), or use the PCCS of the platform's owner")
        let headers = self.subscriptionKey.map { ["Ocp-Apim-Subscription-Key": $0] } ?? [:]
        let answer = try await self.get(document, headers: headers)
        return try answer.certificate() + answer.issuerChain()
    }

    /// TDX and other editions than the standard one came with version 4.
    private func requireVersion(for tee: TEE, _ update: CollateralUpdate) throws(RATLSError) {
        guard self.address.version == .v3, tee != .sgx || update != .standard else { return }
        throw RATLSError(
            .badServiceURL, "\(self.address.base) is version 3 of the interface, which knows neither TDX nor early updates",
            remedy: "use the service's address that ends in /sgx/certification/v4/")
    }

    /// Gets a document from the first of its addresses that has it.
    private func get(_ document: CollateralDocument, headers: [String: String] = [:]) async throws -> CollateralAnswer {
        var first: CollateralAnswer?
        for url in document.urls {
            let answer = CollateralAnswer(document: document, url: url, response: try await self.get(url, headers: headers))
            guard answer.response.status == 404 else { return answer }
            first = first ?? answer
        }
        guard let first else { preconditionFailure("a document has an address") }
        return first
    }

    private func get(_ url: String, headers: [String: String]) async throws -> CollateralResponse {
        var attempt = 1
        while true {
            let delay: Duration
            do {
                let response = try await self.transport.get(url, headers: headers, bodyLimit: CollateralDocument.bodyLimit)
                guard let wait = self.retry.delay(after: attempt, response) else { return response }
                delay = wait
            } catch let error as RATLSError {
                guard error.isTransient, let wait = self.retry.delay(after: attempt) else { throw error }
                delay = wait
            }
            try await self.sleep(delay)
            attempt += 1
        }
    }
}

extension PCEID {
    /// The only PCE there is; old certification data does not name it.
    fileprivate static let first: PCEID = {
        guard let value = PCEID([0, 0]) else { preconditionFailure("two bytes are a PCEID") }
        return value
    }()
}
