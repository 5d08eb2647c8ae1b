// SPDX-License-Identifier: Apache-2.0

import Crypto

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Intel's signed list of TCB evaluations, with the date of the disclosure that each answers (PCS, `tcbevaluationdatanumbers`).
///
/// The standard edition of TCB info follows the disclosure by twelve months, so that the list tells when it will change.
public struct TCBEvaluationNumbers: Hashable, Sendable {
    /// One TCB evaluation.
    public struct Evaluation: Hashable, Sendable {
        /// Its number.
        public let number: Int
        /// The day of the disclosure, since when the early edition has this number.
        public let recoveryEventDate: Date

        /// Describes an evaluation.
        public init(number: Int, recoveryEventDate: Date) {
            self.number = number
            self.recoveryEventDate = recoveryEventDate
        }

        /// From when on the standard edition has this number by Intel's rule of twelve months; Intel may decide otherwise.
        public var standardFrom: Date { self.recoveryEventDate.addingYear }
    }

    /// Which TEE it is about.
    public let tee: TEE
    /// The evaluations, lowest number first.
    public let evaluations: [Evaluation]

    /// Reads a list and verifies who made it.
    ///
    /// - Parameters:
    ///   - body: the signed envelope, byte for byte.
    ///   - issuerChain: TCB signing certificate and root, PEM.
    ///   - roots: what the chain may end at.
    ///   - time: when certificates and list have to be valid.
    /// - Throws: ``CollateralError``, which says what does not hold.
    public init(verifying body: [UInt8], issuerChain: [UInt8], roots: [RootOfTrust], at time: Date) throws(CollateralError) {
        let signed = try SignedJSON(decoding: body, body: "tcbEvaluationDataNumbers")
        let chain = try Self.trusted(issuerChain, roots: roots, at: time)
        guard SignatureChecker(cache: nil).isValid(.raw(signed.signature), over: signed.signedDigest, by: chain.leaf.publicKey) else {
            throw CollateralError("the list of TCB evaluation data numbers is not signed by \"\(chain.leaf.commonName)\"")
        }
        _ = try signed.body.integer("version", in: 1...1)
        let issued = try signed.body.date("issueDate")
        let nextUpdate = try signed.body.date("nextUpdate")
        guard issued <= time, time <= nextUpdate else {
            throw CollateralError("the list of TCB evaluation data numbers is valid from \(issued.reportText) until \(nextUpdate.reportText)")
        }
        let id = try signed.body.string("id")
        guard let tee = TEE(rawValue: id) else { throw CollateralError("\"id\" is \"\(id)\", neither SGX nor TDX") }
        self.tee = tee
        self.evaluations = try Self.evaluations(signed.body)
    }

    /// Most evaluations of a list; there are two or three a year.
    private static let maximumCount = 64

    private static func evaluations(_ body: JSONObject) throws(CollateralError) -> [Evaluation] {
        let objects = try body.objects("tcbEvalNumbers")
        guard objects.count <= Self.maximumCount else {
            throw CollateralError("\(objects.count) TCB evaluations, at most \(Self.maximumCount) are read")
        }
        var evaluations: [Evaluation] = []
        for object in objects {
            let number = try object.integer("tcbEvaluationDataNumber", in: 0...Int(UInt32.max))
            evaluations.append(Evaluation(number: number, recoveryEventDate: try object.date("tcbRecoveryEventDate")))
        }
        return evaluations.sorted { $0.number < $1.number }
    }

    /// The TCB signing chain, if it ends at a root and holds at `time`.
    private static func trusted(_ pem: [UInt8], roots: [RootOfTrust], at time: Date) throws(CollateralError) -> CertificateChain {
        let chain = try CertificateChain(pem: pem, roles: .tcbSigning)
        let violation = chain.nameViolation ?? chain.profileViolation ?? chain.signatureViolation(SignatureChecker(cache: nil))
        if let violation { throw CollateralError("TCB signing chain: \(violation)") }
        guard roots.contains(where: { $0.matches(chain.root) }) else {
            throw CollateralError(
                "TCB signing chain: \"\(chain.root.commonName)\" with SHA-256 \(chain.root.fingerprint) is not a root that is trusted here")
        }
        for certificate in chain.certificates where time < certificate.notBefore || certificate.notAfter < time {
            throw CollateralError("TCB signing chain: \"\(certificate.commonName)\" is not valid at \(time.reportText)")
        }
        return chain
    }
}

extension Date {
    /// The same day of the next year (UTC); the 28th for the 29th of February.
    var addingYear: Date {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        // A year can be added to every day that a list of dates of this century can hold; 365 days is as good elsewhere.
        return calendar.date(byAdding: .year, value: 1, to: self) ?? self.addingTimeInterval(365 * 86400)
    }
}
