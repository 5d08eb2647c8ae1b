// SPDX-License-Identifier: Apache-2.0

public import Attestation

/// What a simulated quote says about the trust domain it is for.
///
/// Nothing stands behind it.
public struct SimulatedTrustDomain: Hashable, Sendable {
    /// How the report is laid out.
    public var layout: TDReport.Layout
    /// TDATTRIBUTES; SEPT_VE_DISABLE alone unless said otherwise.
    public var tdAttributes: TDAttributes
    /// Measurement of what the trust domain is claimed to be built from.
    public var mrTD: TDMeasurement
    /// Four registers of what it is claimed to have booted.
    public var rtmrs: [TDMeasurement]
    /// MRCONFIGID.
    public var mrConfigID: TDMeasurement
    /// MROWNER.
    public var mrOwner: TDMeasurement
    /// MROWNERCONFIG.
    public var mrOwnerConfig: TDMeasurement
    /// MRSERVICETD; reports of version 1.0 do not have it.
    public var mrServiceTD: TDMeasurement

    /// Describes a trust domain.
    public init(
        layout: TDReport.Layout = .version1_5, tdAttributes: TDAttributes = TDAttributes(bits: 1 << 28), mrTD: TDMeasurement = .simulated(0x7d),
        rtmrs: [TDMeasurement] = [.simulated(0xa0), .simulated(0xa1), .simulated(0xa2), .simulated(0xa3)], mrConfigID: TDMeasurement = .zero,
        mrOwner: TDMeasurement = .zero, mrOwnerConfig: TDMeasurement = .zero, mrServiceTD: TDMeasurement = .zero
    ) {
        precondition(rtmrs.count == TDReport.rtmrCount, "a trust domain has four run-time measurement registers")
        self.layout = layout
        self.tdAttributes = tdAttributes
        self.mrTD = mrTD
        self.rtmrs = rtmrs
        self.mrConfigID = mrConfigID
        self.mrOwner = mrOwner
        self.mrOwnerConfig = mrOwnerConfig
        self.mrServiceTD = mrServiceTD
    }
}

extension TDMeasurement {
    /// A measurement that is one byte repeated: easily told from a real one.
    public static func simulated(_ byte: UInt8) -> TDMeasurement {
        guard let value = TDMeasurement([UInt8](repeating: byte, count: TDMeasurement.size)) else {
            preconditionFailure("the size is the type's own")
        }
        return value
    }
}
