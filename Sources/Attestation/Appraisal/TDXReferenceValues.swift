// SPDX-License-Identifier: Apache-2.0

/// What an owner expects of a trust domain.
///
/// What its registers hold is decided by firmware and boot loader; MRTD alone names a firmware, not what it boots.
public struct TDXReferenceValues: Hashable, Sendable {
    /// MRTD: what the trust domain was built from.
    public var mrTD: ReferenceValue<TDMeasurement>
    /// MRSEAM: the TDX module.
    public var mrSeam: ReferenceValue<TDMeasurement>
    /// MRSIGNERSEAM: signer of the TDX module.
    public var mrSignerSeam: ReferenceValue<TDMeasurement>
    /// MRCONFIGID.
    public var mrConfigID: ReferenceValue<TDMeasurement>
    /// MROWNER.
    public var mrOwner: ReferenceValue<TDMeasurement>
    /// MROWNERCONFIG.
    public var mrOwnerConfig: ReferenceValue<TDMeasurement>
    /// RTMR0: firmware configuration.
    public var rtmr0: ReferenceValue<TDMeasurement>
    /// RTMR1: boot loader and kernel.
    public var rtmr1: ReferenceValue<TDMeasurement>
    /// RTMR2: command line, initial file system and what the boot loader measures.
    public var rtmr2: ReferenceValue<TDMeasurement>
    /// RTMR3: what the running system measures.
    public var rtmr3: ReferenceValue<TDMeasurement>
    /// MRSERVICETD; not given accepts zero alone, which is no service trust domain.
    public var mrServiceTD: ReferenceValue<TDMeasurement>
    /// TDATTRIBUTES, all of them.
    public var tdAttributes: ReferenceValue<TDAttributes>
    /// XFAM.
    public var xfam: ReferenceValue<XFAM>

    /// Reference values; without MRTD every trust domain is refused unless a waiver says otherwise.
    public init(
        mrTD: ReferenceValue<TDMeasurement> = .notGiven, mrSeam: ReferenceValue<TDMeasurement> = .notGiven,
        mrSignerSeam: ReferenceValue<TDMeasurement> = .notGiven, mrConfigID: ReferenceValue<TDMeasurement> = .notGiven,
        mrOwner: ReferenceValue<TDMeasurement> = .notGiven, mrOwnerConfig: ReferenceValue<TDMeasurement> = .notGiven,
        rtmr0: ReferenceValue<TDMeasurement> = .notGiven, rtmr1: ReferenceValue<TDMeasurement> = .notGiven,
        rtmr2: ReferenceValue<TDMeasurement> = .notGiven, rtmr3: ReferenceValue<TDMeasurement> = .notGiven,
        mrServiceTD: ReferenceValue<TDMeasurement> = .notGiven, tdAttributes: ReferenceValue<TDAttributes> = .notGiven,
        xfam: ReferenceValue<XFAM> = .notGiven
    ) {
        self.mrTD = mrTD
        self.mrSeam = mrSeam
        self.mrSignerSeam = mrSignerSeam
        self.mrConfigID = mrConfigID
        self.mrOwner = mrOwner
        self.mrOwnerConfig = mrOwnerConfig
        self.rtmr0 = rtmr0
        self.rtmr1 = rtmr1
        self.rtmr2 = rtmr2
        self.rtmr3 = rtmr3
        self.mrServiceTD = mrServiceTD
        self.tdAttributes = tdAttributes
        self.xfam = xfam
    }
}
