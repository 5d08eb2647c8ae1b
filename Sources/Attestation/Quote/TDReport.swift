// SPDX-License-Identifier: Apache-2.0

import ByteCoding

/// The report of a trust domain, the body of a TDX quote (Intel TDX DCAP quoting library API, TD Quote Body).
///
/// Every trust domain reports the fields of version 1.0; ``revision`` says what else it reports.
public struct TDReport: Hashable, Sendable {
    /// The layouts of the report, each the one before with more at its end.
    public enum Layout: Hashable, Sendable {
        /// 584 bytes.
        case version1_0
        /// 648 bytes.
        case version1_5
        /// 885 bytes; no public sample was seen, so that verification refuses it unless told otherwise.
        case version1_5Extended

        /// Number of bytes of an encoded report.
        public var size: Int {
            switch self {
            case .version1_0: 584
            case .version1_5: 648
            case .version1_5Extended: 885
            }
        }
    }

    /// TEE_TCB_SVN: versions of the TDX module and its loader when the trust domain was started.
    public let teeTCBSVN: TEETCBSVN
    /// MRSEAM: measurement of the TDX module.
    public let mrSeam: TDMeasurement
    /// MRSIGNERSEAM: signer of the TDX module; zero for Intel's.
    public let mrSignerSeam: TDMeasurement
    /// SEAMATTRIBUTES of the TDX module.
    public let seamAttributes: SEAMAttributes
    /// TDATTRIBUTES.
    public let tdAttributes: TDAttributes
    /// XFAM.
    public let xfam: XFAM
    /// MRTD: measurement of what the trust domain was built from.
    public let mrTD: TDMeasurement
    /// MRCONFIGID: configuration given by the owner.
    public let mrConfigID: TDMeasurement
    /// MROWNER: who owns the trust domain.
    public let mrOwner: TDMeasurement
    /// MROWNERCONFIG: configuration given by the owner of the workload.
    public let mrOwnerConfig: TDMeasurement
    /// RTMR0 to RTMR3: what was measured while the trust domain booted and ran.
    public let rtmrs: [TDMeasurement]
    /// What the trust domain had the report bind.
    public let reportData: ReportData
    /// What reports from version 1.5 on hold beside.
    public let current: Current?
    /// What extended reports hold beside.
    public let extended: Extended?

    /// Number of run-time measurement registers.
    public static let rtmrCount = 4

    /// The additions of version 1.5.
    public struct Current: Hashable, Sendable {
        /// TEE_TCB_SVN2: versions of the TDX module that is loaded now; it can be replaced under a running trust domain.
        public let teeTCBSVN2: TEETCBSVN
        /// MRSERVICETD: the service trust domains that are bound to this one; zero for none.
        public let mrServiceTD: TDMeasurement
    }

    /// The layout that this report has.
    public var layout: Layout { self.extended != nil ? .version1_5Extended : self.current != nil ? .version1_5 : .version1_0 }

    init(from reader: inout ByteReader, layout: Layout) throws(QuoteError) {
        self.teeTCBSVN = try reader.value(TEETCBSVN.self, "TD report TEE_TCB_SVN")
        self.mrSeam = try reader.value(TDMeasurement.self, "TD report MRSEAM")
        self.mrSignerSeam = try reader.value(TDMeasurement.self, "TD report MRSIGNERSEAM")
        self.seamAttributes = try reader.value(SEAMAttributes.self, "TD report SEAMATTRIBUTES")
        self.tdAttributes = try reader.value(TDAttributes.self, "TD report TDATTRIBUTES")
        self.xfam = try reader.value(XFAM.self, "TD report XFAM")
        self.mrTD = try reader.value(TDMeasurement.self, "TD report MRTD")
        self.mrConfigID = try reader.value(TDMeasurement.self, "TD report MRCONFIGID")
        self.mrOwner = try reader.value(TDMeasurement.self, "TD report MROWNER")
        self.mrOwnerConfig = try reader.value(TDMeasurement.self, "TD report MROWNERCONFIG")
        var rtmrs: [TDMeasurement] = []
        for index in 0..<Self.rtmrCount { rtmrs.append(try reader.value(TDMeasurement.self, "TD report RTMR\(index)")) }
        self.rtmrs = rtmrs
        self.reportData = try reader.value(ReportData.self, "TD report report data")
        self.current = layout == .version1_0 ? nil : try Current(from: &reader)
        self.extended = layout == .version1_5Extended ? try Extended(from: &reader) : nil
    }
}

extension TDReport.Current {
    init(from reader: inout ByteReader) throws(QuoteError) {
        self.teeTCBSVN2 = try reader.value(TEETCBSVN.self, "TD report TEE_TCB_SVN2")
        self.mrServiceTD = try reader.value(TDMeasurement.self, "TD report MRSERVICETD")
    }
}
