// SPDX-License-Identifier: Apache-2.0

import Attestation
import ByteCoding

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The identity of a simulated quoting enclave, in the compact form of Intel's, version 2.
struct QEIdentityDocument {
    let tee: TEE
    let faults: Set<SimulatedFault>
    var evaluation = SimulatedTCBEvaluation.standard

    /// The version at which a quoting enclave is behind.
    static let outdatedSVN: UInt16 = 4
    /// The version at which a quoting enclave is revoked.
    static let revokedSVN: UInt16 = 3
    /// The lowest version that has a level.
    static let lowestSVN: UInt16 = 2

    /// The body, which is signed.
    func body(validity: ClosedRange<Date>) -> String {
        let id = self.faults.contains(.otherQEIdentity) ? "QVE" : self.tee == .sgx ? "QE" : "TD_QE"
        let product = self.faults.contains(.incompleteQEIdentity) ? "" : "\"isvprodid\":\(SimulatedHardware.qeProdID(self.tee)),"
        let mask = self.faults.contains(.debugQEInIdentity) ? "F9" : "FB"
        let levels = [
            DocumentText.level(isvSVN: SimulatedHardware.qeSVN, TCBInfoDocument.currentTCBDate, .upToDate),
            DocumentText.level(isvSVN: Self.outdatedSVN, TCBInfoDocument.oldTCBDate, .outOfDate, advisory: TCBInfoDocument.advisory),
            DocumentText.level(isvSVN: Self.lowestSVN, TCBInfoDocument.oldTCBDate, .revoked, advisory: TCBInfoDocument.advisory),
        ].joined(separator: ",")
        return "{\"id\":\"\(id)\",\"version\":2,\(DocumentText.times(validity)),"
            + "\"tcbEvaluationDataNumber\":\(self.evaluation.number),"
            + "\"miscselect\":\"00000000\",\"miscselectMask\":\"FFFFFFFF\","
            + "\"attributes\":\"11000000000000000000000000000000\",\"attributesMask\":\"\(mask)FFFFFFFFFFFFFF0000000000000000\","
            + "\"mrsigner\":\"\(Measurement.simulatedQuotingEnclaveSigner.hexString)\",\(product)\"tcbLevels\":[\(levels)]}"
    }
}
