// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Intel's description of its quoting enclave (Intel PCS API, `enclaveIdentity` version 2).
struct QEIdentity: Sendable {
    /// Which enclave is described: `QE`, `TD_QE`, `QVE`.
    let id: String
    let issueDate: Date
    let nextUpdate: Date
    let evaluationDataNumber: Int
    let miscSelect: FourBytes
    let miscSelectMask: FourBytes
    let attributes: SixteenBytes
    let attributesMask: SixteenBytes
    let mrSigner: Measurement
    let isvProdID: UInt16
    /// Highest first, none twice.
    let levels: [Level]

    /// One level: the least security version, and the status of an enclave that has it.
    struct Level: Sendable {
        let isvSVN: UInt16
        let date: Date
        let status: TCBStatus
        let advisoryIDs: [String]
    }

    init(_ body: JSONObject) throws(CollateralError) {
        self.id = try body.string("id")
        _ = try body.integer("version", in: 2...2)
        self.issueDate = try body.date("issueDate")
        self.nextUpdate = try body.date("nextUpdate")
        self.evaluationDataNumber = try body.integer("tcbEvaluationDataNumber", in: 0...Int(UInt32.max))
        self.miscSelect = try body.hex("miscselect")
        self.miscSelectMask = try body.hex("miscselectMask")
        self.attributes = try body.hex("attributes")
        self.attributesMask = try body.hex("attributesMask")
        self.mrSigner = try body.hex("mrsigner")
        self.isvProdID = UInt16(try body.integer("isvprodid", in: 0...0xffff))
        self.levels = try Self.levels(body)
    }

    private static func levels(_ body: JSONObject) throws(CollateralError) -> [Level] {
        var levels: [Level] = []
        for (index, level) in try body.objects("tcbLevels").enumerated() {
            do { levels.append(try Level(level)) } catch { throw error.within("tcbLevels[\(index)]") }
        }
        levels.sort { $0.isvSVN > $1.isvSVN }
        for (one, next) in zip(levels, levels.dropFirst()) where one.isvSVN == next.isvSVN {
            throw CollateralError("two levels have the isvsvn \(one.isvSVN)")
        }
        return levels
    }
}

extension QEIdentity.Level {
    private static let published: Set<TCBStatus> = [.upToDate, .outOfDate, .revoked]

    init(_ level: JSONObject) throws(CollateralError) {
        self.isvSVN = UInt16(try level.object("tcb").integer("isvsvn", in: 0...0xffff))
        self.date = try level.date("tcbDate")
        let status = try level.string("tcbStatus")
        guard let known = TCBStatus(rawValue: status), Self.published.contains(known) else {
            throw CollateralError("\"tcbStatus\" is \"\(status)\", which is not known")
        }
        self.status = known
        self.advisoryIDs = try level.optionalStrings("advisoryIDs")
    }
}

/// A 4-byte field of the QE identity, in memory order.
struct FourBytes: FixedSizeBytes {
    static let size = 4
    let bytes: [UInt8]

    init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.size else { return nil }
        self.bytes = bytes
    }
}

/// A 16-byte field of the QE identity, in memory order.
struct SixteenBytes: FixedSizeBytes {
    static let size = 16
    let bytes: [UInt8]

    init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.size else { return nil }
        self.bytes = bytes
    }
}
