// SPDX-License-Identifier: Apache-2.0

import Attestation
import Foundation
import TestSupport
import Testing

@Suite("Documentation of checks")
struct DocumentationTests {
    /// The identifiers in the first column of the page's tables, in order.
    private static func listed() throws -> [String] {
        let page = try String(contentsOfFile: "\(Checkout.path)/Sources/Attestation/Documentation.docc/Checks.md", encoding: .utf8)
        return page.split(separator: "\n").filter { $0.hasPrefix("| `") }.compactMap { $0.split(separator: "`").dropFirst().first.map(String.init) }
    }

    @Test("the page lists every check, in order and once")
    func page() throws {
        let appraisal = AppraisalPolicy.plan(for: .sgx) + AppraisalPolicy.plan(for: .tdx).filter { !AppraisalPolicy.plan(for: .sgx).contains($0) }
        let listed = try Self.listed()
        #expect(Array(listed.prefix(Check.ID.verification.count)) == Check.ID.verification.map(\.description))
        #expect(Set(listed.dropFirst(Check.ID.verification.count)) == Set((appraisal + EvidenceChecks.plan + Check.ID.sigstruct).map(\.description)))
        #expect(Set(listed).count == listed.count)
    }
}
