// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// One TCB level of something that has a single security version: a quoting enclave, a TDX module.
struct ISVSVNLevel: Sendable {
    /// The least security version.
    let isvSVN: UInt16
    let date: Date
    let status: TCBStatus
    let advisoryIDs: [String]

    /// Statuses that Intel publishes for such levels.
    private static let published: Set<TCBStatus> = [.upToDate, .outOfDate, .revoked]

    init(_ level: JSONObject) throws(CollateralError) {
        self.isvSVN = UInt16(try level.object("tcb").integer("isvsvn", in: 0...0xffff))
        self.date = try level.date("tcbDate")
        self.status = try level.status("tcbStatus", among: Self.published)
        self.advisoryIDs = try level.optionalStrings("advisoryIDs")
    }

    /// The levels of `object`, highest first, none twice; the text's order is not relied on.
    static func list(_ object: JSONObject) throws(CollateralError) -> [ISVSVNLevel] {
        var levels: [ISVSVNLevel] = []
        for (index, level) in try object.objects("tcbLevels").enumerated() {
            do { levels.append(try ISVSVNLevel(level)) } catch { throw error.within("tcbLevels[\(index)]") }
        }
        levels.sort { $0.isvSVN > $1.isvSVN }
        for (one, next) in zip(levels, levels.dropFirst()) where one.isvSVN == next.isvSVN {
            throw CollateralError("two levels have the isvsvn \(one.isvSVN)")
        }
        return levels
    }
}

extension [ISVSVNLevel] {
    /// The highest level that this version reaches.
    func reached(by isvSVN: UInt16) -> ISVSVNLevel? { self.first { $0.isvSVN <= isvSVN } }
}
