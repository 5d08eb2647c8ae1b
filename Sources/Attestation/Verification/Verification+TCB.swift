// SPDX-License-Identifier: Apache-2.0

import ByteCoding

extension Verification {
    /// What platform, TDX module and quoting enclave amount to.
    mutating func checkTCB(_ quote: Quote, platform: SGXPlatform, tcbInfo: TCBInfo, qeIdentity: QEIdentity) throws(Stop) -> TCBEvaluation {
        let evaluation: TCBEvaluation
        switch quote.body {
        case .enclave:
            let level = try self.findLevel(.tcbLevel, platform, nil, field: "", tcbInfo: tcbInfo)
            evaluation = TCBEvaluation(level: level, qeLevel: try self.findQELevel(quote, identity: qeIdentity))
        case .trustDomain(let report):
            evaluation = try self.checkTDXTCB(report, quote: quote, platform: platform, tcbInfo: tcbInfo, qeIdentity: qeIdentity)
        }
        self.tcb = evaluation
        try self.require(
            .tcbStatus, evaluation.status != .revoked, expected: "any status but Revoked", found: evaluation.text,
            source: "TCB info and QE identity", remedy: Remedies.revoked)
        return evaluation
    }

    /// The same for a trust domain: with the TDX module that it was started under, and with the one that is loaded now.
    private mutating func checkTDXTCB(
        _ report: TDReport, quote: Quote, platform: SGXPlatform, tcbInfo: TCBInfo, qeIdentity: QEIdentity
    ) throws(Stop) -> TCBEvaluation {
        let tcb = report.teeTCBSVN
        let level = try self.findLevel(.tcbLevel, platform, tcb, field: "TEE_TCB_SVN", tcbInfo: tcbInfo)
        let module = try self.findTDXModuleLevel(.tdxModuleTCBLevel, tcb, field: "TEE_TCB_SVN", tcbInfo: tcbInfo)
        try self.checkNotRevoked(.tcbPlatformStatus, level: level, module: module)
        if let current = report.current { try self.checkCurrentTCB(current.teeTCBSVN2, platform: platform, tcbInfo: tcbInfo) }
        let qeLevel = try self.findQELevel(quote, identity: qeIdentity)
        let relaunch = report.current.flatMap { current in
            TDRelaunch(
                level: level, module: module, qeLevel: qeLevel, current: current.teeTCBSVN2,
                sgxStatus: tcbInfo.levels.first { $0.isReached(by: platform) }?.status, tcbInfo: tcbInfo)
        }
        return TCBEvaluation(level: level, module: module, relaunch: relaunch, qeLevel: qeLevel)
    }

    /// The platform with the TDX module that is loaded now has to be supported and not revoked, too.
    private mutating func checkCurrentTCB(_ tcb: TEETCBSVN, platform: SGXPlatform, tcbInfo: TCBInfo) throws(Stop) {
        let level = try self.findLevel(.tcbCurrentLevel, platform, tcb, field: "TEE_TCB_SVN2", tcbInfo: tcbInfo)
        try self.checkCurrentTDXModule(tcb, tcbInfo: tcbInfo)
        let module = try self.findTDXModuleLevel(.tdxModuleCurrentTCBLevel, tcb, field: "TEE_TCB_SVN2", tcbInfo: tcbInfo)
        try self.checkNotRevoked(.tcbCurrentStatus, level: level, module: module)
    }

    /// A revoked platform or module refuses, whatever the quoting enclave is like.
    private mutating func checkNotRevoked(_ id: Check.ID, level: TCBLevel, module: ISVSVNLevel?) throws(Stop) {
        let evaluation = TCBEvaluation(level: level, module: module)
        if evaluation.status == .revoked { self.tcb = evaluation }
        try self.require(
            id, evaluation.status != .revoked, expected: "any status but Revoked", found: evaluation.text, source: "TCB info",
            remedy: Remedies.revoked)
    }

    /// The highest level that the platform reaches; with the versions of a TDX module, one of TDX.
    private mutating func findLevel(
        _ id: Check.ID, _ platform: SGXPlatform, _ tcb: TEETCBSVN?, field: String, tcbInfo: TCBInfo
    ) throws(Stop) -> TCBLevel {
        let source = tcb == nil ? "PCK certificate, TCB" : "PCK certificate, TCB, and quote, TD report"
        let found = "components \(platform.tcbComponents.hexString), PCESVN \(platform.pceSVN)" + (tcb.map { ", \(field) \($0)" } ?? "")
        let reached = tcbInfo.levels.first { level in tcb.map { level.isReached(by: platform, $0) } ?? level.isReached(by: platform) }
        guard let reached else {
            self.recorder.fail(
                id, expected: "at least \(tcbInfo.levels.last?.text ?? "a level")", found: found, source: source, remedy: Remedies.updatePlatform)
            throw Stop()
        }
        self.recorder.pass(id, found: "\(found): level of \(reached.date.reportText), \(reached.status.rawValue)", source: source)
        return reached
    }

    private mutating func findQELevel(_ quote: Quote, identity: QEIdentity) throws(Stop) -> ISVSVNLevel {
        let isvSVN = quote.qeReport.isvSVN
        let lowest = identity.levels.last?.isvSVN ?? 0
        guard let level = identity.levels.reached(by: isvSVN) else {
            self.recorder.fail(
                .qeIdentityTCBLevel, expected: "ISVSVN \(lowest) or higher", found: "ISVSVN \(isvSVN)", source: "quote, QE report",
                remedy: Remedies.updateQE)
            throw Stop()
        }
        self.recorder.pass(
            .qeIdentityTCBLevel, found: "ISVSVN \(isvSVN), level \(level.isvSVN): \(level.status.rawValue)",
            expected: "ISVSVN \(lowest) or higher", source: "quote, QE report")
        return level
    }
}

extension TCBLevel {
    /// What a platform needs to be at this level, for reports.
    fileprivate var text: String {
        let tdx = self.tdxComponents.isEmpty ? "" : ", TDX components \(self.tdxComponents.hexString)"
        return "components \(self.sgxComponents.hexString), PCESVN \(self.pceSVN)\(tdx)"
    }
}
