// SPDX-License-Identifier: Apache-2.0

/// ATTRIBUTES of an SGX enclave: how it was set up.
public struct EnclaveAttributes: Hashable, Sendable, Codable {
    /// The flags word.
    public let flags: UInt64
    /// The extended feature request mask (XFRM).
    public let xfrm: UInt64

    /// Makes attributes of their two words.
    public init(flags: UInt64, xfrm: UInt64) {
        self.flags = flags
        self.xfrm = xfrm
    }

    /// Whether the enclave was initialised (bit 0).
    public var isInitialized: Bool { self.flags & 1 << 0 != 0 }
    /// Whether the enclave can be read and written from outside (bit 1).
    ///
    /// A debug enclave protects nothing.
    public var isDebug: Bool { self.flags & 1 << 1 != 0 }
    /// Whether the enclave runs in 64-bit mode (bit 2).
    public var is64Bit: Bool { self.flags & 1 << 2 != 0 }
    /// Whether the enclave may get the provisioning key (bit 4).
    public var hasProvisioningKey: Bool { self.flags & 1 << 4 != 0 }
    /// Whether the enclave may get the launch token key (bit 5).
    public var hasLaunchKey: Bool { self.flags & 1 << 5 != 0 }
    /// Whether the enclave uses key separation and sharing (bit 7).
    public var usesKeySeparation: Bool { self.flags & 1 << 7 != 0 }

    /// The 16 bytes as they lie in the report: both words little-endian.
    public var bytes: [UInt8] {
        [self.flags, self.xfrm].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(8 * $0)) } }
    }
}
