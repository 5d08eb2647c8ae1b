// SPDX-License-Identifier: Apache-2.0

/// The body of TCB info, with as many levels as a test wants.
struct TestTCBInfo {
    var fmspc = "00A0B0C0D0E0"
    var pceID = "0000"
    var levels = [Self.level(TestSGXExtension.components, 13, "UpToDate", advisories: [])]

    static func level(_ components: [UInt8], _ pceSVN: Int, _ status: String, advisories: [String] = ["INTEL-SA-00001"]) -> String {
        let svns = components.map { "{\"svn\":\($0)}" }.joined(separator: ",")
        let ids = advisories.map { "\"\($0)\"" }.joined(separator: ",")
        return "{\"tcb\":{\"sgxtcbcomponents\":[\(svns)],\"pcesvn\":\(pceSVN)},\"tcbDate\":\"2029-01-01T00:00:00Z\","
            + "\"tcbStatus\":\"\(status)\",\"advisoryIDs\":[\(ids)]}"
    }

    var body: String {
        "{\"id\":\"SGX\",\"version\":3,\"issueDate\":\"2030-06-10T00:00:00Z\",\"nextUpdate\":\"2030-07-10T00:00:00Z\",\"fmspc\":\"\(self.fmspc)\","
            + "\"pceId\":\"\(self.pceID)\",\"tcbType\":0,\"tcbEvaluationDataNumber\":30,\"tcbLevels\":[\(self.levels.joined(separator: ","))]}"
    }
}
