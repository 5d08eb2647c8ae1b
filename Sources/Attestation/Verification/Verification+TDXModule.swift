// SPDX-License-Identifier: Apache-2.0

import ByteCoding

extension Verification {
    /// The TDX module that the trust domain was started under is the one Intel describes.
    mutating func checkTDXModule(_ report: TDReport, tcbInfo: TCBInfo) throws(Stop) {
        let module = try self.findTDXModule(.tdxModuleIdentity, report.teeTCBSVN, field: "TEE_TCB_SVN", tcbInfo: tcbInfo)
        let source = "quote, TD report"
        try self.require(
            .tdxModuleMRSigner, report.mrSignerSeam == module.mrSigner, expected: "MRSIGNERSEAM \(module.mrSigner)",
            found: "MRSIGNERSEAM \(report.mrSignerSeam)", source: source, remedy: Remedies.otherTDXModule)
        // Intel's verifier demands zeros, others equality under the mask: both have to hold.
        let attributes = report.seamAttributes.bytes
        let masked = zip(attributes, module.attributesMask.bytes).map { $0 & $1 }
        try self.require(
            .tdxModuleAttributes, masked == module.attributes.bytes && attributes.allSatisfy { $0 == 0 },
            expected: "SEAMATTRIBUTES zero, and \(module.attributes) under the mask \(module.attributesMask)",
            found: "SEAMATTRIBUTES \(report.seamAttributes)", source: source, remedy: Remedies.otherTDXModule)
    }

    /// The TCB info knows the TDX module that is loaded now.
    mutating func checkCurrentTDXModule(_ tcb: TEETCBSVN, tcbInfo: TCBInfo) throws(Stop) {
        _ = try self.findTDXModule(.tdxModuleCurrentIdentity, tcb, field: "TEE_TCB_SVN2", tcbInfo: tcbInfo)
    }

    /// What the TCB info says about the module of this version: its own identity, or for modules without a version the common description.
    private mutating func findTDXModule(_ id: Check.ID, _ tcb: TEETCBSVN, field: String, tcbInfo: TCBInfo) throws(Stop) -> TDXModule {
        let identity = tcbInfo.tdxModuleIdentity(of: tcb)
        let name = tcb.moduleVersion > 0 ? TDXModuleIdentity.id(ofVersion: tcb.moduleVersion) : "tdxModule"
        guard let module = tcb.moduleVersion > 0 ? identity?.module : tcbInfo.tdxModule else {
            let known = tcbInfo.tdxModuleIdentities.map(\.id).joined(separator: ", ")
            self.recorder.fail(
                id, expected: "\(name), the module of \(field) \(tcb)", found: known.isEmpty ? "no module identities" : "identities of \(known)",
                source: "collateral, TCB info", remedy: Remedies.otherTDXModule)
            throw Stop()
        }
        self.recorder.pass(id, found: name, source: "collateral, TCB info")
        return module
    }

    /// The level that the TDX module of this version is at; `nil` for modules without a version, which have none and count as up to date.
    mutating func findTDXModuleLevel(_ id: Check.ID, _ tcb: TEETCBSVN, field: String, tcbInfo: TCBInfo) throws(Stop) -> ISVSVNLevel? {
        let source = "quote, TD report"
        guard let identity = tcbInfo.tdxModuleIdentity(of: tcb) else {
            self.recorder.pass(id, found: "module without a version, judged with the platform's level", source: source)
            return nil
        }
        let lowest = identity.levels.last?.isvSVN ?? 0
        guard let level = identity.levels.reached(by: UInt16(tcb.moduleISVSVN)) else {
            self.recorder.fail(
                id, expected: "\(identity.id) of ISVSVN \(lowest) or higher", found: "ISVSVN \(tcb.moduleISVSVN) (\(field) \(tcb))",
                source: source, remedy: Remedies.updateTDXModule)
            throw Stop()
        }
        self.recorder.pass(
            id, found: "\(identity.id) of ISVSVN \(tcb.moduleISVSVN), level \(level.isvSVN): \(level.status.rawValue)",
            expected: "ISVSVN \(lowest) or higher", source: source)
        return level
    }
}

extension TCBInfo {
    /// What is said about modules of this one's major version; `nil` also for modules without one.
    func tdxModuleIdentity(of tcb: TEETCBSVN) -> TDXModuleIdentity? {
        guard tcb.moduleVersion > 0 else { return nil }
        let id = TDXModuleIdentity.id(ofVersion: tcb.moduleVersion)
        return self.tdxModuleIdentities.first { $0.id == id }
    }
}
