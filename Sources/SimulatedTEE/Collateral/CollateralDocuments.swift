// SPDX-License-Identifier: Apache-2.0

import Attestation
import ByteCoding
import Crypto

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The signed JSON documents of the simulated collateral service, in the compact form of Intel's.
struct CollateralDocuments {
    let platform: SimulatedPlatform
    let faults: Set<SimulatedFault>

    /// Number of the TCB evaluation that the documents claim.
    static let evaluationDataNumber = 20

    /// TCB info of version 2 (API v3) or 3 (API v4).
    func tcbInfo(version: Int, validity: ClosedRange<Date>) throws -> [UInt8] {
        let fmspc = self.faults.contains(.wrongFMSPC) ? "0123456789ab" : self.platform.fmspc.hexString
        let pceID = self.faults.contains(.wrongPCEID) ? "ffff" : self.platform.hardware.pceID.hexString
        let id = version == 3 ? "\"id\":\"SGX\"," : ""
        let levels = self.levels.map { $0.json(version: version) }.joined(separator: ",")
        let body =
            "{\(id)\"version\":\(version),\(Self.times(validity)),\"fmspc\":\"\(fmspc)\",\"pceId\":\"\(pceID)\",\"tcbType\":0,"
            + "\"tcbEvaluationDataNumber\":\(Self.evaluationDataNumber),\"tcbLevels\":[\(levels)]}"
        return try self.sign(body, as: "tcbInfo", isTamperedWith: self.faults.contains(.wrongTCBInfoSignature))
    }

    /// Identity of the simulated quoting enclave, version 2.
    func qeIdentity(validity: ClosedRange<Date>) throws -> [UInt8] {
        let body =
            "{\"id\":\"QE\",\"version\":2,\(Self.times(validity)),\"tcbEvaluationDataNumber\":\(Self.evaluationDataNumber),"
            + "\"miscselect\":\"00000000\",\"miscselectMask\":\"FFFFFFFF\","
            + "\"attributes\":\"11000000000000000000000000000000\",\"attributesMask\":\"FBFFFFFFFFFFFFFF0000000000000000\","
            + "\"mrsigner\":\"\(Measurement.simulatedQuotingEnclaveSigner.hexString)\",\"isvprodid\":\(SimulatedHardware.qeProdID),\"tcbLevels\":["
            + "{\"tcb\":{\"isvsvn\":\(SimulatedHardware.qeSVN)},\"tcbDate\":\"\(Self.currentTCBDate)\",\"tcbStatus\":\"UpToDate\"},"
            + "{\"tcb\":{\"isvsvn\":1},\"tcbDate\":\"\(Self.oldTCBDate)\",\"tcbStatus\":\"OutOfDate\",\"advisoryIDs\":[\"\(Self.advisory)\"]}]}"
        return try self.sign(body, as: "enclaveIdentity", isTamperedWith: self.faults.contains(.wrongQEIdentitySignature))
    }

    private static let currentTCBDate = "2025-05-14T00:00:00Z"
    private static let oldTCBDate = "2021-11-10T00:00:00Z"
    /// Not a number of Intel's.
    static let advisory = "SIMULATED-SA-00001"

    /// Highest first, as Intel's; the platform is at the first unless a fault says otherwise.
    private var levels: [Level] {
        let current = SimulatedHardware.tcbComponents
        let pceSVN = SimulatedHardware.pceSVN
        var newer = current
        newer[0] += 1
        let belowCurrent = [
            Level(components: [5, 5, 2, 2, 128, 1] + [UInt8](repeating: 0, count: 10), pceSVN: 10, date: Self.oldTCBDate, status: .outOfDate),
            Level(components: [UInt8](repeating: 0, count: 16), pceSVN: 0, date: Self.oldTCBDate, status: .revoked),
        ]
        guard let status = self.statusOfFault else {
            return [Level(components: current, pceSVN: pceSVN, date: Self.currentTCBDate, status: .upToDate)] + belowCurrent
        }
        return [
            Level(components: newer, pceSVN: pceSVN, date: Self.currentTCBDate, status: .upToDate),
            Level(components: current, pceSVN: pceSVN, date: Self.oldTCBDate, status: status),
        ] + belowCurrent
    }

    private var statusOfFault: TCBStatus? {
        if self.faults.contains(.revokedPlatformLevel) { return .revoked }
        if self.faults.contains(.outOfDatePlatform) { return .outOfDate }
        return self.faults.contains(.hardeningNeeded) ? .swHardeningNeeded : nil
    }

    private static func times(_ validity: ClosedRange<Date>) -> String {
        "\"issueDate\":\"\(validity.lowerBound.formatted(.iso8601))\",\"nextUpdate\":\"\(validity.upperBound.formatted(.iso8601))\""
    }

    private func sign(_ body: String, as name: String, isTamperedWith: Bool) throws -> [UInt8] {
        let key = isTamperedWith ? P256.Signing.PrivateKey() : self.platform.tcbSigning.key
        let signature = try key.signature(for: Array(body.utf8)).rawRepresentation.hexString
        return Array("{\"\(name)\":\(body),\"signature\":\"\(signature)\"}".utf8)
    }

    private struct Level {
        let components: [UInt8]
        let pceSVN: UInt16
        let date: String
        let status: TCBStatus

        func json(version: Int) -> String {
            let tcb =
                version == 3
                ? "\"sgxtcbcomponents\":[\(self.components.map { "{\"svn\":\($0)}" }.joined(separator: ","))]"
                : self.components.enumerated().map { "\"sgxtcbcomp\($0.offset < 9 ? "0" : "")\($0.offset + 1)svn\":\($0.element)" }.joined(
                    separator: ",")
            let advisories = self.status == .upToDate ? "" : ",\"advisoryIDs\":[\"\(CollateralDocuments.advisory)\"]"
            return "{\"tcb\":{\(tcb),\"pcesvn\":\(self.pceSVN)},\"tcbDate\":\"\(self.date)\",\"tcbStatus\":\"\(self.status.rawValue)\"\(advisories)}"
        }
    }
}
