// SPDX-License-Identifier: Apache-2.0

/// What a PCK certificate says about the platform that its key belongs to (Intel's certificate extension 1.2.840.113741.1.13.1).
public struct SGXPlatform: Hashable, Sendable, Codable {
    /// Which of Intel's CAs issues a platform's PCK certificates; collateral services call it `ca`.
    public enum CertificateAuthority: String, Hashable, Sendable, Codable {
        /// Client and single-package processors.
        case processor
        /// Multi-package server platforms.
        case platform
    }

    /// How a platform protects enclave memory.
    public enum MemoryProtection: Int, Hashable, Sendable, Codable {
        /// Encryption with integrity tree and replay protection.
        case standard = 0
        /// Total memory encryption.
        case scalable = 1
        /// Total memory encryption with integrity.
        case scalableWithIntegrity = 2
    }

    /// Which CA issued the certificate.
    public let certificateAuthority: CertificateAuthority
    /// Provisioning identifier.
    public let ppid: PPID
    /// The 16 component security versions that TCB levels are compared with.
    public let tcbComponents: [UInt8]
    /// Security version of the provisioning certification enclave.
    public let pceSVN: UInt16
    /// Security version of the processor as one value.
    public let cpuSVN: CPUSVN
    /// Provisioning certification enclave.
    public let pceID: PCEID
    /// What TCB info is published for.
    public let fmspc: FMSPC
    /// How enclave memory is protected.
    public let memoryProtection: MemoryProtection
    /// The platform's instance; on multi-package platforms only.
    public let platformInstanceID: PlatformInstanceID?
    /// Whether processor packages can be added; on multi-package platforms only.
    public let isDynamicPlatform: Bool?
    /// Whether Intel keeps the platform's keys; on multi-package platforms only.
    public let hasCachedKeys: Bool?
    /// Whether simultaneous multithreading is on; on multi-package platforms only.
    public let isSMTEnabled: Bool?
}
