// SPDX-License-Identifier: Apache-2.0

import ByteCoding

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// What collateral says about itself, for people and programs that look after it.
///
/// Nothing of it is verified: that takes a quote. See ``QuoteVerifier``.
public struct CollateralSummary: Hashable, Sendable, Codable {
    /// TCB info; absent if it cannot be read.
    public let tcbInfo: TCBInfoSummary?
    /// Identity of the quoting enclave; absent if it cannot be read.
    public let qeIdentity: QEIdentitySummary?
    /// Revocation list of the CA that issued the PCK certificate; absent if it cannot be read.
    public let pckCRL: RevocationListSummary?
    /// Revocation list of the root CA; absent if it cannot be read.
    public let rootCACRL: RevocationListSummary?
    /// Whether a PCK certificate chain comes with it.
    public let hasPCKChain: Bool
    /// Why pieces cannot be read, one line each.
    public let faults: [String]
    /// When the first piece ends to be valid; absent if one cannot be read.
    public let expiration: Date?

    /// Reads collateral as far as that is possible.
    public init(_ collateral: Collateral) {
        var faults: [String] = []
        func read<Value>(_ what: String, _ body: () throws(CollateralError) -> Value) -> Value? {
            do { return try body() } catch {
                faults.append("\(what): \(error.message)")
                return nil
            }
        }
        self.tcbInfo = read("TCB info") { () throws(CollateralError) in
            TCBInfoSummary(try TCBInfo(SignedJSON(decoding: collateral.tcbInfo, body: "tcbInfo").body))
        }
        self.qeIdentity = read("QE identity") { () throws(CollateralError) in
            QEIdentitySummary(try QEIdentity(SignedJSON(decoding: collateral.qeIdentity, body: "enclaveIdentity").body))
        }
        self.pckCRL = read("PCK revocation list") { () throws(CollateralError) in
            RevocationListSummary(try CertificateRevocationList(decoding: collateral.pckCRL))
        }
        self.rootCACRL = read("root CA revocation list") { () throws(CollateralError) in
            RevocationListSummary(try CertificateRevocationList(decoding: collateral.rootCACRL))
        }
        self.hasPCKChain = collateral.pckChain != nil
        self.faults = faults
        self.expiration = collateral.claimedExpiration
    }

    /// What TCB info says.
    public struct TCBInfoSummary: Hashable, Sendable, Codable {
        /// Which TEE it is about.
        public let tee: TEE
        /// Version of its format.
        public let version: Int
        /// What it is published for.
        public let fmspc: FMSPC
        /// The provisioning certification enclave it is for.
        public let pceID: PCEID
        /// Number of the TCB evaluation.
        public let evaluationDataNumber: Int
        /// When it was issued.
        public let issueDate: Date
        /// Until when it is valid.
        public let nextUpdate: Date
        /// The levels, highest first.
        public let levels: [Level]

        init(_ info: TCBInfo) {
            self.tee = info.tee
            self.version = info.version
            self.fmspc = info.fmspc
            self.pceID = info.pceID
            self.evaluationDataNumber = info.evaluationDataNumber
            self.issueDate = info.issueDate
            self.nextUpdate = info.nextUpdate
            self.levels = info.levels.map(Level.init)
        }
    }

    /// One TCB level.
    public struct Level: Hashable, Sendable, Codable {
        /// When it was current.
        public let date: Date
        /// The status of a platform that is at this level.
        public let status: TCBStatus
        /// Advisories that apply to such a platform.
        public let advisoryIDs: [String]
        /// Least SGX component security versions, hexadecimal.
        public let sgxComponents: String
        /// Least security version of the provisioning certification enclave.
        public let pceSVN: UInt16
        /// Least TDX component security versions, hexadecimal; for TDX only.
        public let tdxComponents: String?
    }

    /// What the identity of a quoting enclave says.
    public struct QEIdentitySummary: Hashable, Sendable, Codable {
        /// Which enclave: `QE` for SGX, `TD_QE` for TDX.
        public let id: String
        /// Number of the TCB evaluation.
        public let evaluationDataNumber: Int
        /// When it was issued.
        public let issueDate: Date
        /// Until when it is valid.
        public let nextUpdate: Date

        init(_ identity: QEIdentity) {
            self.id = identity.id
            self.evaluationDataNumber = identity.evaluationDataNumber
            self.issueDate = identity.issueDate
            self.nextUpdate = identity.nextUpdate
        }
    }

    /// What a revocation list says.
    public struct RevocationListSummary: Hashable, Sendable, Codable {
        /// The issuer's common name.
        public let issuer: String
        /// When it was issued.
        public let thisUpdate: Date
        /// Until when it is valid.
        public let nextUpdate: Date
        /// Number of revoked certificates.
        public let revokedCount: Int

        init(_ list: CertificateRevocationList) {
            self.issuer = list.issuerCommonName
            self.thisUpdate = list.thisUpdate
            self.nextUpdate = list.nextUpdate
            self.revokedCount = list.revoked.count
        }
    }
}

extension CollateralSummary.Level {
    init(_ level: TCBLevel) {
        self.date = level.date
        self.status = level.status
        self.advisoryIDs = level.advisoryIDs
        self.sgxComponents = level.sgxComponents.hexString
        self.pceSVN = level.pceSVN
        self.tdxComponents = level.tdxComponents.isEmpty ? nil : level.tdxComponents.hexString
    }
}
