// SPDX-License-Identifier: Apache-2.0

import Attestation
import Foundation

/// What a platform's TCB status is made of, and what it was found with.
struct TCBSummary: Encodable {
    let platformStatus: TCBStatus
    let tdxModuleStatus: TCBStatus?
    let qeStatus: TCBStatus
    let platformAdvisoryIDs: [String]
    let tdxModuleAdvisoryIDs: [String]
    let qeAdvisoryIDs: [String]
    let tcbDate: String
    let tcbEvaluationDataNumber: Int
    let collateralIssued: String
    let collateralExpiration: String

    init(_ quote: VerifiedQuote) {
        self.platformStatus = quote.platformTCBStatus
        self.tdxModuleStatus = quote.tdxModuleTCBStatus
        self.qeStatus = quote.qeTCBStatus
        self.platformAdvisoryIDs = quote.platformAdvisoryIDs
        self.tdxModuleAdvisoryIDs = quote.tdxModuleAdvisoryIDs
        self.qeAdvisoryIDs = quote.qeAdvisoryIDs
        self.tcbDate = quote.tcbDate.formatted(.iso8601)
        self.tcbEvaluationDataNumber = quote.tcbEvaluationDataNumber
        self.collateralIssued = quote.collateralIssued.formatted(.iso8601)
        self.collateralExpiration = quote.collateralExpiration.formatted(.iso8601)
    }
}
