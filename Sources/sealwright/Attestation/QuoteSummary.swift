// SPDX-License-Identifier: Apache-2.0

import Attestation
import ByteCoding

/// What a quote says, for `quote show` and `quote verify`; bytes are lower-case hexadecimal, in memory order.
struct QuoteSummary: Encodable {
    let tee: String
    let version: UInt16
    let reportData: String
    let debug: Bool
    let qeIdentifier: String
    let certificationDataType: UInt16
    let paddingSize: Int
    let enclave: EnclaveSummary?
    let trustDomain: TrustDomainSummary?

    init(_ quote: Quote) {
        self.tee = quote.header.tee.rawValue
        self.version = quote.header.version
        self.reportData = quote.reportData.hexString
        self.debug = quote.body.isDebug
        self.qeIdentifier = quote.header.qeIdentifier.hexString
        self.certificationDataType = quote.certificationData.kind.rawValue
        self.paddingSize = quote.paddingSize
        self.enclave = quote.enclaveReport.map(EnclaveSummary.init)
        self.trustDomain = quote.tdReport.map(TrustDomainSummary.init)
    }

    private enum Key: String, CodingKey {
        case tee, version, reportData, debug, qeIdentifier, certificationDataType, paddingSize
    }

    /// One flat object: the fields of the body stand beside those of the quote.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(self.tee, forKey: .tee)
        try container.encode(self.version, forKey: .version)
        try container.encode(self.reportData, forKey: .reportData)
        try container.encode(self.debug, forKey: .debug)
        try container.encode(self.qeIdentifier, forKey: .qeIdentifier)
        try container.encode(self.certificationDataType, forKey: .certificationDataType)
        try container.encode(self.paddingSize, forKey: .paddingSize)
        try self.enclave?.encode(to: encoder)
        try self.trustDomain?.encode(to: encoder)
    }

    /// A line for each of the more important fields.
    var text: String {
        """
        TEE          \(self.tee), quote version \(self.version)\(self.debug ? ", DEBUG: protects nothing" : "")
        \(self.enclave?.text ?? self.trustDomain?.text ?? "")
        report data  \(self.reportData)
        """
    }
}
