// SPDX-License-Identifier: Apache-2.0

import ByteCoding

/// How a quote says which PCK key certifies its quoting enclave (Intel DCAP certification data types).
public struct CertificationData: Hashable, Sendable {
    /// The kinds of certification data.
    public enum Kind: UInt16, Hashable, Sendable {
        /// Platform identification with the PPID in the clear.
        case plainPPID = 1
        /// Platform identification with the PPID encrypted with RSA-2048-OAEP.
        case ppidRSA2048 = 2
        /// Platform identification with the PPID encrypted with RSA-3072-OAEP.
        case ppidRSA3072 = 3
        /// The PCK certificate, PEM.
        case pckCertificate = 4
        /// The PCK certificate, its CA's and the root's, PEM, in this order.
        case pckChain = 5
        /// The platform's manifest, which Intel's registration service takes; it certifies nothing to a verifier.
        case platformManifest = 7
    }

    /// What is in ``content``.
    public let kind: Kind
    /// The bytes as they lie in the quote.
    public let content: [UInt8]

    init(type: UInt16, content: [UInt8]) throws(QuoteError) {
        guard let kind = Kind(rawValue: type) else {
            throw QuoteError(.certificationData, "certification data type \(type) is not one of 1 to 5 and 7")
        }
        self.kind = kind
        self.content = content
    }

    /// Sizes of types 1 to 3; their old forms end before the PCEID.
    ///
    /// Verification does not use them, so other sizes are not refused there.
    private static let identificationSize: [Kind: Int] = [.plainPPID: 36, .ppidRSA2048: 276, .ppidRSA3072: 404]

    /// What a quote without its certificates says for asking a service for them; `nil` for other types, and for a size that the type does not have.
    public var platformIdentification: PlatformIdentification? {
        guard let size = Self.identificationSize[self.kind], [size, size - PCEID.size].contains(self.content.count) else { return nil }
        let ppidSize = size - CPUSVN.size - 2 - PCEID.size
        let ppid = Array(self.content[..<ppidSize])
        guard let cpuSVN = CPUSVN(Array(self.content[ppidSize..<ppidSize + CPUSVN.size])) else { return nil }
        let pceSVN = UInt16(self.content[ppidSize + CPUSVN.size]) | UInt16(self.content[ppidSize + CPUSVN.size + 1]) << 8
        let pceID = PCEID(Array(self.content[(ppidSize + CPUSVN.size + 2)...]))
        return PlatformIdentification(ppid: ppid, isEncrypted: self.kind != .plainPPID, cpuSVN: cpuSVN, pceSVN: pceSVN, pceID: pceID)
    }

    /// A platform as certification data types 1 to 3 name it.
    public struct PlatformIdentification: Hashable, Sendable {
        /// The PPID, 16 bytes, or its encrypted form, 256 or 384 bytes.
        public let ppid: [UInt8]
        /// Whether ``ppid`` is encrypted to Intel.
        public let isEncrypted: Bool
        /// The platform's security version.
        public let cpuSVN: CPUSVN
        /// Security version of the provisioning certification enclave.
        public let pceSVN: UInt16
        /// The provisioning certification enclave; absent in the old forms.
        public let pceID: PCEID?
    }
}
