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
        _ statement: SignedStatement, _ piece: DecodedCollateral.Piece<CertificateChain>, pck: TrustedPCKChain,
        rootCRL: CertificateRevocationList, known: CertificateChain?
    ) throws(Stop) -> CertificateChain {
        let source = "collateral, \(statement.name) issuer chain"
        let chain = try self.decode(
            statement.format, expected: "PEM of two certificates: TCB signing certificate, root CA", source: source,
            found: { (chain: CertificateChain) in chain.names }
        ) { () throws(CollateralError) in try piece.get() }

        let names = chain.nameViolation
        try self.require(
            statement.names, names == nil, expected: "a \"SGX TCB Signing\" certificate issued by a \"SGX Root CA\"",
            found: names ?? chain.names, source: source, remedy: Remedies.refetch)
        let hasRoot = pck.root.matches(chain.root)
        try self.require(
            statement.rootPinned, hasRoot, expected: "the PCK chain's root, \(pck.root.name)",
            found: hasRoot ? "the same" : "\"\(chain.root.commonName)\" with SHA-256 \(chain.root.fingerprint)",
            source: source, remedy: Remedies.otherRoot)
        let profile = chain.profileViolation
        try self.require(
            statement.profile, profile == nil, expected: "X.509 version 3, P-256, ecdsa-with-SHA256, extensions as their roles demand",
            found: profile ?? "two such certificates", source: source, remedy: Remedies.refetch)
        let isKnown = known.map { $0.certificates.map(\.der) == chain.certificates.map(\.der) } == true
        let signature = isKnown ? nil : chain.signatureViolation(self.checker)
        try self.require(
            statement.signature, signature == nil, expected: "TCB signing certificate signed by the root", found: signature ?? "a good signature",
            source: source, remedy: Remedies.refetch)
        try self.checkNotRevoked(statement.revocation, [chain.leaf], by: rootCRL, source: "collateral, root CA revocation list")
        self.noteValidity(statement.validity, chain: chain, source: source)
        return chain
    }
}
