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
    let levels: [ISVSVNLevel]

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
        self.levels = try ISVSVNLevel.list(body)
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
