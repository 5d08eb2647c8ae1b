// SPDX-License-Identifier: Apache-2.0

import Attestation
import ByteCoding

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The simulated TCB info, in the compact form of Intel's.
struct TCBInfoDocument {
    let platform: SimulatedPlatform
    let tee: TEE
    /// 2 (SGX, API v3) or 3 (API v4).
    let version: Int
    let faults: Set<SimulatedFault>
    var evaluation = SimulatedTCBEvaluation.standard

    static let currentTCBDate = "2025-05-14T00:00:00Z"
    static let oldTCBDate = "2021-11-10T00:00:00Z"
    /// Not a number of Intel's.
    static let advisory = "SIMULATED-SA-00001"
    static let moduleAdvisory = "SIMULATED-SA-00002"

    /// The kind of TEE that the document says it is about.
    private var statedTEE: TEE {
        guard self.faults.contains(.otherTEEInTCBInfo) else { return self.tee }
        return self.tee == .sgx ? .tdx : .sgx
    }

    /// Version 2 knows nothing of TDX.
    private var isAboutTDX: Bool { self.statedTEE == .tdx && self.version == 3 }

    /// The body, which is signed.
    func body(validity: ClosedRange<Date>) -> String {
        let fmspc = self.faults.contains(.wrongFMSPC) ? "0123456789ab" : self.platform.fmspc.hexString
        let pceID = self.faults.contains(.wrongPCEID) ? "ffff" : self.platform.hardware.pceID.hexString
        let id = self.version == 3 ? "\"id\":\"\(self.statedTEE.rawValue)\"," : ""
        let type = self.faults.contains(.incompleteTCBInfo) ? "" : "\"tcbType\":0,"
        let levels = self.levels.map { self.json($0) }.joined(separator: ",")
        return "{\(id)\"version\":\(self.version),\(DocumentText.times(validity)),\"fmspc\":\"\(fmspc)\",\"pceId\":\"\(pceID)\",\(type)"
            + "\"tcbEvaluationDataNumber\":\(self.evaluation.number),\(self.modules)\"tcbLevels\":[\(levels)]}"
    }

    /// Highest first, as Intel's; the platform is at the first unless a fault says otherwise.
    private var levels: [Level] {
        let current = SimulatedHardware.tcbComponents
        let pceSVN = SimulatedHardware.pceSVN
        var newer = current
        newer[0] += 1
        let newest = Level(components: newer, pceSVN: pceSVN, tdx: [5, 0, 4], date: Self.currentTCBDate, status: .upToDate)
        if self.faults.contains(.unsupportedPlatform) { return [newest] }
        let old: [UInt8] = [5, 5, 2, 2, 128, 1] + [UInt8](repeating: 0, count: 10)
        let belowCurrent = [
            Level(components: old, pceSVN: 10, tdx: [3, 0, 2], date: Self.oldTCBDate, status: .outOfDate),
            Level(components: [UInt8](repeating: 0, count: 16), pceSVN: 0, tdx: [0, 0, 1], date: Self.oldTCBDate, status: .revoked),
        ]
        guard let status = self.statusOfFault else {
            return [Level(components: current, pceSVN: pceSVN, tdx: [5, 0, 4], date: Self.currentTCBDate, status: .upToDate)] + belowCurrent
        }
        return [newest, Level(components: current, pceSVN: pceSVN, tdx: [3, 0, 3], date: Self.oldTCBDate, status: status)] + belowCurrent
    }

    private var statusOfFault: TCBStatus? {
        let statuses: [(SimulatedFault, TCBStatus)] = [
            (.revokedPlatformLevel, .revoked), (.outOfDatePlatform, .outOfDate), (.hardeningNeeded, .swHardeningNeeded),
            (.configurationNeeded, .configurationNeeded), (.configurationAndHardeningNeeded, .configurationAndSWHardeningNeeded),
            (.outOfDateConfigurationNeeded, .outOfDateConfigurationNeeded),
        ]
        return statuses.first { self.faults.contains($0.0) }?.1
    }

    /// What TCB info of TDX says about TDX modules.
    private var modules: String {
        guard self.isAboutTDX else { return "" }
        let description =
            "\"mrsigner\":\"\(TDMeasurement.zero.hexString)\",\"attributes\":\"0000000000000000\",\"attributesMask\":\"FFFFFFFFFFFFFFFF\""
        let levels = [
            DocumentText.level(isvSVN: 5, Self.currentTCBDate, .upToDate),
            DocumentText.level(isvSVN: 3, Self.oldTCBDate, .outOfDate, advisory: Self.moduleAdvisory),
            DocumentText.level(isvSVN: 2, Self.oldTCBDate, .revoked, advisory: Self.moduleAdvisory),
        ].joined(separator: ",")
        let identities = ["TDX_01", "TDX_03"].map { "{\"id\":\"\($0)\",\(description),\"tcbLevels\":[\(levels)]}" }.joined(separator: ",")
        return "\"tdxModule\":{\(description)},\"tdxModuleIdentities\":[\(identities)],"
    }

    private struct Level {
        let components: [UInt8]
        let pceSVN: UInt16
        /// The first TDX components; the rest are zero.
        let tdx: [UInt8]
        let date: String
        let status: TCBStatus
    }

    private func json(_ level: Level) -> String {
        func components(_ name: String, _ versions: [UInt8]) -> String {
            "\"\(name)\":[\(versions.map { "{\"svn\":\($0)}" }.joined(separator: ","))]"
        }
        let numbered = level.components.enumerated().map { "\"sgxtcbcomp\($0.offset < 9 ? "0" : "")\($0.offset + 1)svn\":\($0.element)" }
        let sgx = self.version == 3 ? components("sgxtcbcomponents", level.components) : numbered.joined(separator: ",")
        let tdx =
            self.isAboutTDX ? "," + components("tdxtcbcomponents", level.tdx + [UInt8](repeating: 0, count: 16 - level.tdx.count)) : ""
        return "{\"tcb\":{\(sgx),\"pcesvn\":\(level.pceSVN)\(tdx)},"
            + DocumentText.status(level.date, level.status, advisory: level.status == .upToDate ? nil : Self.advisory) + "}"
    }
}
