// SPDX-License-Identifier: Apache-2.0

import ByteCoding

/// What TCB info says a TDX module has to be (`tdxModule`, and the first members of each of `tdxModuleIdentities`).
struct TDXModule: Sendable {
    let mrSigner: TDMeasurement
    let attributes: SEAMAttributes
    let attributesMask: SEAMAttributes

    init(_ object: JSONObject) throws(CollateralError) {
        self.mrSigner = try object.hex("mrsigner")
        self.attributes = try object.hex("attributes")
        self.attributesMask = try object.hex("attributesMask")
    }
}

/// What TCB info says about the TDX modules of one major version (`tdxModuleIdentities`).
struct TDXModuleIdentity: Sendable {
    /// `TDX_` and the major version, two hexadecimal digits; upper case.
    let id: String
    let module: TDXModule
    /// Highest first, none twice.
    let levels: [ISVSVNLevel]

    init(_ object: JSONObject) throws(CollateralError) {
        self.id = try object.string("id").uppercased()
        self.module = try TDXModule(object)
        self.levels = try ISVSVNLevel.list(object)
    }

    /// The identifier of modules of this major version.
    static func id(ofVersion version: UInt8) -> String { "TDX_" + [version].hexString.uppercased() }

    /// The identities of `body`, none twice; none where the member is absent.
    static func list(_ body: JSONObject) throws(CollateralError) -> [TDXModuleIdentity] {
        guard body["tdxModuleIdentities"] != nil else { return [] }
        var identities: [TDXModuleIdentity] = []
        for (index, object) in try body.objects("tdxModuleIdentities").enumerated() {
            let identity: TDXModuleIdentity
            do { identity = try TDXModuleIdentity(object) } catch { throw error.within("tdxModuleIdentities[\(index)]") }
            guard !identities.contains(where: { $0.id == identity.id }) else { throw CollateralError("two TDX modules have the id \(identity.id)") }
            identities.append(identity)
        }
        return identities
    }
}
