// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// One level of TCB info: least security versions, and the status of a platform that has them.
struct TCBLevel: Sendable {
    /// Number of component security versions.
    static let componentCount = 16

    let sgxComponents: [UInt8]
    let pceSVN: UInt16
    /// Empty for SGX.
    let tdxComponents: [UInt8]
    let date: Date
    let status: TCBStatus
    let advisoryIDs: [String]
    /// What levels are ordered by: SGX components, pcesvn, TDX components.
    let sortKey: [UInt16]

    /// Statuses that Intel publishes for levels; relaunch statuses only come from evaluation.
    private static let published: Set<TCBStatus> = [
        .upToDate, .swHardeningNeeded, .configurationNeeded, .configurationAndSWHardeningNeeded, .outOfDate, .outOfDateConfigurationNeeded, .revoked,
    ]

    init(_ level: JSONObject, version: Int, tee: TEE) throws(CollateralError) {
        let tcb = try level.object("tcb")
        self.sgxComponents = version == 2 ? try Self.numberedComponents(tcb) : try Self.components(tcb, "sgxtcbcomponents")
        self.tdxComponents = tee == .tdx ? try Self.components(tcb, "tdxtcbcomponents") : []
        self.pceSVN = UInt16(try tcb.integer("pcesvn", in: 0...0xffff))
        self.sortKey = self.sgxComponents.map(UInt16.init) + [self.pceSVN] + self.tdxComponents.map(UInt16.init)
        self.date = try level.date("tcbDate")
        self.status = try level.status("tcbStatus", among: Self.published)
        self.advisoryIDs = try level.optionalStrings("advisoryIDs")
    }

    /// Whether a platform has at least this level's SGX security versions.
    func isReached(by platform: SGXPlatform) -> Bool {
        platform.pceSVN >= self.pceSVN && zip(platform.tcbComponents, self.sgxComponents).allSatisfy { $0 >= $1 }
    }

    /// Whether a platform has at least this level's TDX security versions too.
    ///
    /// The first two components are the module's; where it states a major version they are judged by its own identity instead.
    func isReached(by platform: SGXPlatform, _ tcb: TEETCBSVN) -> Bool {
        let first = tcb.moduleVersion > 0 ? 2 : 0
        return self.isReached(by: platform) && zip(tcb.bytes, self.tdxComponents).dropFirst(first).allSatisfy { $0 >= $1 }
    }

    private static func components(_ tcb: JSONObject, _ name: String) throws(CollateralError) -> [UInt8] {
        let components = try tcb.objects(name)
        guard components.count == Self.componentCount else {
            throw CollateralError("\"\(name)\" has \(components.count) members, not \(Self.componentCount)")
        }
        var versions: [UInt8] = []
        versions.reserveCapacity(Self.componentCount)
        for component in components { versions.append(UInt8(try component.integer("svn", in: 0...255))) }
        return versions
    }

    /// The form of version 2: `sgxtcbcomp01svn` to `sgxtcbcomp16svn`.
    private static func numberedComponents(_ tcb: JSONObject) throws(CollateralError) -> [UInt8] {
        var versions: [UInt8] = []
        for number in 1...Self.componentCount {
            versions.append(UInt8(try tcb.integer("sgxtcbcomp\(number < 10 ? "0" : "")\(number)svn", in: 0...255)))
        }
        return versions
    }
}
