// SPDX-License-Identifier: Apache-2.0

/// TEE_TCB_SVN of a TD report: security versions of the TDX module and what loads it.
public struct TEETCBSVN: FixedSizeBytes {
    /// Number of bytes of every value.
    public static let size = 16
    /// The bytes, in the order in which they lie in the formats.
    public let bytes: [UInt8]

    /// Takes exactly ``size`` bytes; `nil` for any other number.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.size else { return nil }
        self.bytes = bytes
    }
}

extension TEETCBSVN {
    /// Security version of the TDX module within its major version.
    public var moduleISVSVN: UInt8 { self.bytes[0] }
    /// Major version of the TDX module; 0 for modules from before versions were told apart.
    public var moduleVersion: UInt8 { self.bytes[1] }
    /// Security version of what loads the module (SEAM loader, microcode).
    public var loaderSVN: UInt8 { self.bytes[2] }
}
