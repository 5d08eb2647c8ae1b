// SPDX-License-Identifier: Apache-2.0

/// A PCK chain that ends at a root of trust.
struct TrustedPCKChain {
    let chain: CertificateChain
    let platform: Result<SGXPlatform, CollateralError>
    let root: RootOfTrust

    var leaf: PKICertificate { self.chain.leaf }
    var authority: PKICertificate { self.chain.certificates[1] }
    var rootCertificate: PKICertificate { self.chain.root }
}

extension Verification {
    /// The quote is of a form that this verifier takes.
    mutating func checkForm(_ quote: Quote, extendedTDReports: QuoteVerifier.ExtendedTDReports) throws(Stop) {
        let header = quote.header
        self.recorder.pass(
            .quoteFormat, found: "version \(header.version) \(header.tee.rawValue) quote, \(quote.encodedBytes.count) bytes", source: "quote")
        let isExtended = quote.tdReport?.extended != nil
        try self.require(
            .quoteBodyType, !isExtended || extendedTDReports == .accepted, expected: "an enclave report, or a TD report of version 1.0 or 1.5",
            found: isExtended ? "an extended TD report (body type 4)" : "one of these", source: "quote, body descriptor",
            remedy: "extended TD reports are experimental: tell the verifier to accept them, or have the quoting service make version 1.5")
        try self.checkCertificationData(quote)
    }

    /// The certification data lead to a PCK certificate.
    mutating func checkCertificationData(_ quote: Quote) throws(Stop) {
        let kind = quote.certificationData.kind
        try self.require(
            .quoteCertificationData, kind != .platformManifest, expected: "certification data of type 1 to 5", found: "type \(kind.rawValue)",
            source: "quote, certification data",
            remedy: "register the platform with Intel; until then its quotes carry a manifest that no verifier can use")
    }

    mutating func checkAttestationKey(_ quote: Quote) throws(Stop) -> VerifyingKey {
        guard let key = quote.attestationKey.verifyingKey else {
            self.recorder.fail(
                .quoteAttestationKey, expected: "a point of P-256", found: "\(quote.attestationKey)", source: "quote, signature data",
                remedy: Remedies.badQuote)
            throw Stop()
        }
        self.recorder.pass(.quoteAttestationKey, found: "a point of P-256", source: "quote, signature data")
        return key
    }

    /// From the quote's certification data to a chain that ends at a pinned root.
    mutating func checkPCKChain(_ quote: Quote) throws(Stop) -> TrustedPCKChain {
        let (pem, source) = try self.findPCKChain(quote)
        let pckChain = try self.decode(
            .pckChainFormat, expected: "PEM of three certificates: PCK certificate, PCK CA, root CA", source: source, remedy: Remedies.provision,
            found: { (pck: PCKChain) in pck.chain.names }
        ) { [cache = self.checker.cache] () throws(CollateralError) in
            guard let cache else { return try PCKChain(pem: pem) }
            return try cache.pckChain(pem: pem)
        }
        let chain = pckChain.chain
        try self.checkLeafMatch(quote, leaf: chain.leaf, source: source)

        let names = chain.nameViolation
        try self.require(
            .pckChainNames, names == nil, expected: "a \"SGX PCK Certificate\" issued by a \"CA\" issued by a \"SGX Root CA\"",
            found: names ?? chain.names, source: source, remedy: Remedies.provision)
        let root = try self.checkPin(chain.root, source: source)
        let profile = chain.profileViolation
        try self.require(
            .pckChainProfile, profile == nil, expected: "X.509 version 3, P-256, ecdsa-with-SHA256, extensions as their roles demand",
            found: profile ?? "three such certificates", source: source, remedy: Remedies.provision)
        let signature = chain.signatureViolation(self.checker)
        try self.require(
            .pckChainSignature, signature == nil, expected: "each certificate signed by the next one's key",
            found: signature ?? "two good signatures", source: source, remedy: Remedies.provision)
        return TrustedPCKChain(chain: chain, platform: pckChain.platform, root: root)
    }

    private mutating func findPCKChain(_ quote: Quote) throws(Stop) -> (pem: [UInt8], source: String) {
        let kind = quote.certificationData.kind
        if kind == .pckChain {
            let source = "quote, certification data"
            self.recorder.pass(.pckChainPresence, found: "embedded in the quote (certification data type 5)", source: source)
            return (quote.certificationData.content, source)
        }
        let source = "collateral, PCK chain"
        let found = self.collateral.pckChain == nil ? "neither" : "given with the collateral"
        try self.require(
            .pckChainPresence, self.collateral.pckChain != nil, expected: "a PCK chain in the quote or with the collateral",
            found: "\(found) (certification data type \(kind.rawValue))", source: source,
            remedy: "give the platform's PCK certificate chain with the collateral (PCS and PCCS: pckcert), or make quotes that embed it")
        return (self.collateral.pckChain ?? [], source)
    }

    /// A chain given beside one that the quote embeds must not be another platform's.
    private mutating func checkLeafMatch(_ quote: Quote, leaf: PKICertificate, source: String) throws(Stop) {
        let otherPEM: [UInt8]?
        switch quote.certificationData.kind {
        case .pckChain: otherPEM = self.collateral.pckChain
        case .pckCertificate: otherPEM = quote.certificationData.content
        case .plainPPID, .ppidRSA2048, .ppidRSA3072, .platformManifest: otherPEM = nil
        }
        guard let otherPEM else {
            self.recorder.pass(.pckChainLeafMatch, found: "one PCK certificate, from one place", source: source)
            return
        }
        let other = (try? PEMBlocks(decoding: otherPEM, label: "CERTIFICATE"))?.blocks.first
        try self.require(
            .pckChainLeafMatch, other == leaf.der, expected: "the same PCK certificate in quote and collateral",
            found: other == nil ? "one that cannot be read" : other == leaf.der ? "the same" : "two different ones",
            source: "quote, certification data, and collateral, PCK chain", remedy: "give the PCK chain that belongs to this platform, or none")
    }

    private mutating func checkPin(_ certificate: PKICertificate, source: String) throws(Stop) -> RootOfTrust {
        guard let root = self.roots.first(where: { $0.matches(certificate) }) else {
            let known = self.roots.map { "\($0.name) (\($0.pin))" }.joined(separator: ", or ")
            self.recorder.fail(
                .pckChainRootPinned, expected: known.isEmpty ? "a root of trust; none is configured" : known,
                found: "\"\(certificate.commonName)\" with SHA-256 \(certificate.fingerprint)", source: source, remedy: Remedies.otherRoot)
            throw Stop()
        }
        self.recorder.pass(.pckChainRootPinned, found: "\(root.name) (\(root.pin))", source: source)
        return root
    }

    /// Validity of each certificate of a chain; the check's text is about the first that is not valid, or the one that is valid shortest.
    mutating func noteValidity(_ id: Check.ID, chain: CertificateChain, source: String) {
        var shortest = ValidityWindow()
        for certificate in chain.certificates {
            self.window.narrow(from: certificate.notBefore, until: certificate.notAfter)
            shortest.narrow(from: certificate.notBefore, until: certificate.notAfter)
        }
        let time = self.time
        let invalid = chain.certificates.first { time < $0.notBefore || $0.notAfter < time }
        self.noteValidity(
            id, from: invalid?.notBefore ?? shortest.from, until: invalid?.notAfter ?? shortest.until,
            what: invalid.map { "\"\($0.commonName)\"" } ?? "certificates", source: source, remedy: Remedies.clock)
    }

    /// What the PCK certificate says about its platform.
    mutating func checkPCKCertificate(_ pck: TrustedPCKChain) throws(Stop) -> SGXPlatform {
        try self.decode(
            .pckCertificateSGXExtension, expected: "PPID, TCB, PCEID, FMSPC and SGX type", source: "PCK certificate", remedy: Remedies.provision,
            found: { (platform: SGXPlatform) in
                "FMSPC \(platform.fmspc), PCEID \(platform.pceID), PCESVN \(platform.pceSVN), CPUSVN \(platform.cpuSVN)"
            }
        ) { () throws(CollateralError) in try pck.platform.get() }
    }
}
