// SPDX-License-Identifier: Apache-2.0

import Attestation

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Pieces of JSON that both signed documents have.
enum DocumentText {
    static func times(_ validity: ClosedRange<Date>) -> String {
        "\"issueDate\":\"\(validity.lowerBound.formatted(.iso8601))\",\"nextUpdate\":\"\(validity.upperBound.formatted(.iso8601))\""
    }

    /// The level of something that has a single security version.
    static func level(isvSVN: UInt16, _ date: String, _ status: TCBStatus, advisory: String? = nil) -> String {
        "{\"tcb\":{\"isvsvn\":\(isvSVN)},\(self.status(date, status, advisory: advisory))}"
    }

    static func status(_ date: String, _ status: TCBStatus, advisory: String?) -> String {
        "\"tcbDate\":\"\(date)\",\"tcbStatus\":\"\(status.rawValue)\"" + (advisory.map { ",\"advisoryIDs\":[\"\($0)\"]" } ?? "")
    }
}
