// SPDX-License-Identifier: Apache-2.0

extension Verification {
    /// Which signed statement a TCB signing chain is for: its checks' names and how it is called.
    struct SignedStatement {
        let name: String
        let format: Check.ID
        let names: Check.ID
        let rootPinned: Check.ID
        let profile: Check.ID
        let signature: Check.ID
        let revocation: Check.ID
        let validity: Check.ID

        static let tcbInfo = SignedStatement(
            name: "TCB info", format: .tcbInfoChainFormat, names: .tcbInfoChainNames, rootPinned: .tcbInfoChainRootPinned,
            profile: .tcbInfoChainProfile, signature: .tcbInfoChainSignature, revocation: .tcbInfoChainRevocation,
            validity: .tcbInfoChainValidity)
        static let qeIdentity = SignedStatement(
            name: "QE identity", format: .qeIdentityChainFormat, names: .qeIdentityChainNames, rootPinned: .qeIdentityChainRootPinned,
            profile: .qeIdentityChainProfile, signature: .qeIdentityChainSignature, revocation: .qeIdentityChainRevocation,
            validity: .qeIdentityChainValidity)
    }

    /// Checks a TCB signing chain and returns it.
    ///
    /// `known` is a chain whose signature was checked already in this run.
    mutating func checkSigningChain(
        _ statement: SignedStatement, pem: [UInt8], pck: TrustedPCKChain, rootCRL: CertificateRevocationList, known: SigningChain?
    ) throws(Stop) -> SigningChain {
        let source = "collateral, \(statement.name) issuer chain"
        let reusable = known?.pem == pem ? known : nil
        let chain = try self.decode(
            statement.format, expected: "PEM of two certificates: TCB signing certificate, root CA", source: source,
            found: { (chain: CertificateChain) in chain.names }
        ) { () throws(CollateralError) in
            if let chain = reusable?.chain { return chain }
            return try CertificateChain(pem: pem, roles: .tcbSigning)
        }

        let names = chain.nameViolation(roles: .tcbSigning)
        try self.require(
            statement.names, names == nil, expected: "a \"SGX TCB Signing\" certificate issued by a \"SGX Root CA\"",
            found: names ?? chain.names, source: source, remedy: Remedies.refetch)
        let hasRoot = chain.root.der == pck.rootCertificate.der
        try self.require(
            statement.rootPinned, hasRoot, expected: "the PCK chain's root, \(pck.root.name)",
            found: hasRoot ? "the same" : "\"\(chain.root.commonName)\" with SHA-256 \(CertificateFingerprint(of: chain.root.der))",
            source: source, remedy: Remedies.otherRoot)
        let profile = chain.profileViolation()
        try self.require(
            statement.profile, profile == nil, expected: "X.509 version 3, P-256, ecdsa-with-SHA256, extensions as their roles demand",
            found: profile ?? "two such certificates", source: source, remedy: Remedies.refetch)
        let signature = reusable == nil ? chain.signatureViolation() : nil
        try self.require(
            statement.signature, signature == nil, expected: "TCB signing certificate signed by the root", found: signature ?? "a good signature",
            source: source, remedy: Remedies.refetch)
        try self.checkNotRevoked(statement.revocation, [chain.leaf], by: rootCRL, source: "collateral, root CA revocation list")
        try self.checkValidity(statement.validity, chain: chain, source: source)
        return SigningChain(pem: pem, chain: chain)
    }

    /// A TCB signing chain whose checks all passed, and the text it was read from.
    struct SigningChain {
        let pem: [UInt8]
        let chain: CertificateChain
    }
}
