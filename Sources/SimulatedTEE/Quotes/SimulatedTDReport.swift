// SPDX-License-Identifier: Apache-2.0

import Attestation
import ByteCoding

/// The report of a simulated trust domain, in any layout.
struct SimulatedTDReport {
    let domain: SimulatedTrustDomain
    let reportData: ReportData
    let faults: Set<SimulatedFault>

    func write(to writer: inout ByteWriter) {
        writer.write(self.teeTCBSVN.bytes)
        writer.write(TDMeasurement.simulated(0x5e).bytes)  // MRSEAM
        writer.write((self.faults.contains(.wrongTDXModuleSigner) ? TDMeasurement.simulated(0xbb) : .zero).bytes)
        writer.writeLittleEndian(self.faults.contains(.wrongTDXModuleAttributes) ? UInt64(1) : 0)  // SEAMATTRIBUTES
        writer.write(self.domain.tdAttributes.bytes)
        writer.writeLittleEndian(UInt64(0x0002_06e7))  // XFAM, as public quotes have it
        let measurements = [self.domain.mrTD, self.domain.mrConfigID, self.domain.mrOwner, self.domain.mrOwnerConfig] + self.domain.rtmrs
        for measurement in measurements { writer.write(measurement.bytes) }
        writer.write(self.reportData.bytes)
        if self.domain.layout != .version1_0 {
            writer.write(self.currentTEETCBSVN.bytes)
            writer.write(self.domain.mrServiceTD.bytes)
        }
        if self.domain.layout == .version1_5Extended { writer.writeZeros(TDReport.Layout.version1_5Extended.size - TDReport.Layout.version1_5.size) }
    }

    /// Versions of the module that the trust domain was started under, at the level of ``TCBInfoDocument`` that the fault asks for.
    private var teeTCBSVN: TEETCBSVN {
        if self.faults.contains(.unknownTDXModule) { return .simulated(module: 5, version: 9, loader: 4) }
        if self.faults.contains(.unsupportedTDXModule) { return .simulated(module: 1, version: 1, loader: 4) }
        if self.faults.contains(.revokedTDXModule) { return .simulated(module: 2, version: 1, loader: 4) }
        return self.faults.contains(.outdatedTDXModule) ? .simulated(module: 3, version: 1, loader: 4) : SimulatedHardware.teeTCBSVN
    }

    /// The same of the module that is loaded now.
    private var currentTEETCBSVN: TEETCBSVN {
        if self.faults.contains(.unsupportedCurrentTDXLevel) { return .simulated(module: 5, version: 1, loader: 0) }
        if self.faults.contains(.unknownCurrentTDXModule) { return .simulated(module: 5, version: 9, loader: 4) }
        if self.faults.contains(.unsupportedCurrentTDXModule) { return .simulated(module: 1, version: 1, loader: 4) }
        return self.faults.contains(.revokedCurrentTDXModule) ? .simulated(module: 2, version: 1, loader: 4) : SimulatedHardware.teeTCBSVN
    }
}
