// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Intel's TCB levels of one FMSPC (Intel PCS API, `tcbInfo` versions 2 and 3).
struct TCBInfo: Sendable {
    let version: Int
    let tee: TEE
    let issueDate: Date
    let nextUpdate: Date
    let fmspc: FMSPC
    let pceID: PCEID
    let evaluationDataNumber: Int
    /// Highest first, none twice.
    let levels: [TCBLevel]
    /// What TDX modules without a major version have to be; in TCB info of TDX only.
    let tdxModule: TDXModule?
    /// What TDX modules with a major version have to be; in TCB info of TDX only, and not always there.
    let tdxModuleIdentities: [TDXModuleIdentity]

    init(_ body: JSONObject) throws(CollateralError) {
        let version = try body.integer("version", in: 2...3)
        self.version = version
        self.tee = try Self.tee(body, version: version)
        if self.tee == .sgx, let name = ["tdxModule", "tdxModuleIdentities"].first(where: { body[$0] != nil }) {
            throw CollateralError("\"\(name)\" does not belong into TCB info of SGX")
        }
        self.issueDate = try body.date("issueDate")
        self.nextUpdate = try body.date("nextUpdate")
        self.fmspc = try body.hex("fmspc")
        self.pceID = try body.hex("pceId")
        _ = try body.integer("tcbType", in: 0...0)
        self.evaluationDataNumber = try body.integer("tcbEvaluationDataNumber", in: 0...Int(UInt32.max))
        self.tdxModule = self.tee == .tdx ? try Self.tdxModule(body) : nil
        self.tdxModuleIdentities = try TDXModuleIdentity.list(body)
        self.levels = try Self.levels(body, version: version, tee: self.tee)
    }

    private static func tee(_ body: JSONObject, version: Int) throws(CollateralError) -> TEE {
        guard version > 2 else { return .sgx }
        let id = try body.string("id")
        guard let tee = TEE(rawValue: id) else { throw CollateralError("\"id\" is \"\(id)\", neither SGX nor TDX") }
        return tee
    }

    private static func tdxModule(_ body: JSONObject) throws(CollateralError) -> TDXModule {
        do { return try TDXModule(try body.object("tdxModule")) } catch { throw error.within("tdxModule") }
    }

    private static func levels(_ body: JSONObject, version: Int, tee: TEE) throws(CollateralError) -> [TCBLevel] {
        var levels: [TCBLevel] = []
        for (index, level) in try body.objects("tcbLevels").enumerated() {
            do { levels.append(try TCBLevel(level, version: version, tee: tee)) } catch { throw error.within("tcbLevels[\(index)]") }
        }
        // The text's order is not to be relied on.
        levels.sort { $1.sortKey.lexicographicallyPrecedes($0.sortKey) }
        for (one, next) in zip(levels, levels.dropFirst()) where one.sortKey == next.sortKey {
            throw CollateralError("two TCB levels have the same components and pcesvn")
        }
        return levels
    }
}
