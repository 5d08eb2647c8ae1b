// SPDX-License-Identifier: Apache-2.0

import Attestation
import ByteCoding

/// What a SIGSTRUCT says, under the names that Gramine's own tool uses; bytes are lower-case hexadecimal.
struct SigstructSummary: Encodable {
    let file: String
    let mrEnclave: String
    let mrSigner: String
    let isvProdID: UInt16
    let isvSVN: UInt16
    let date: String
    let debug: Sigstruct.DebugMode
    let attributes: String
    let attributesMask: String
    let miscSelect: String
    let miscMask: String
    let vendor: UInt32
    let softwareDefined: UInt32
    let cetAttributes: UInt8
    let cetMask: UInt8
    let familyID: String
    let extendedProductID: String
    let checks: [Check]

    init(file: String, _ build: VerifiedSigstruct, checks: [Check]) {
        let sigstruct = build.sigstruct
        self.file = file
        self.mrEnclave = sigstruct.mrEnclave.hexString
        self.mrSigner = build.mrSigner.hexString
        self.isvProdID = sigstruct.isvProdID
        self.isvSVN = sigstruct.isvSVN
        self.date = sigstruct.date.description
        self.debug = sigstruct.debugMode
        self.attributes = sigstruct.attributes.bytes.hexString
        self.attributesMask = sigstruct.attributesMask.bytes.hexString
        self.miscSelect = String(sigstruct.miscSelect, radix: 16)
        self.miscMask = String(sigstruct.miscMask, radix: 16)
        self.vendor = sigstruct.vendor
        self.softwareDefined = sigstruct.softwareDefined
        self.cetAttributes = sigstruct.cetAttributes
        self.cetMask = sigstruct.cetMask
        self.familyID = sigstruct.familyID.hexString
        self.extendedProductID = sigstruct.extendedProductID.hexString
        self.checks = checks
    }

    /// Most bytes that are read: more than a SIGSTRUCT has, so that a wrong file is told by what is wrong with it.
    private static let fileLimit = 1 << 20

    /// Reads and verifies a `.sig` file.
    static func read(_ file: String) throws -> (build: VerifiedSigstruct, report: VerificationReport) {
        let bytes = try InputFile.readAll(file, limit: Self.fileLimit)
        let sigstruct: Sigstruct
        do { sigstruct = try Sigstruct(decoding: bytes) } catch {
            throw CommandFailure(error.identifier, "\(file): \(error.message)", remedy: error.remedy, exitStatus: .badData)
        }
        switch sigstruct.verify() {
        case .verified(let build, let report): return (build, report)
        case .refused(let report):
            throw CommandFailure(
                "sigstruct-refused", "\(file): \(report.summary)", remedy: report.firstFailure?.remedy, exitStatus: .badData)
        }
    }

    /// A YAML comment for each of the more important fields.
    var text: String {
        """
        # \(self.file): signature good, signed \(self.date)
        #   MRENCLAVE    \(self.mrEnclave)
        #   MRSIGNER     \(self.mrSigner)
        #   ISVPRODID    \(self.isvProdID)
        #   ISVSVN       \(self.isvSVN)
        #   attributes   \(self.attributes) under the mask \(self.attributesMask)
        #   debug        \(self.debugText)

        """
    }

    private var debugText: String {
        switch self.debug {
        case .never: "off, fixed by the signer"
        case .always: "ON: protects nothing"
        case .host: "left to whoever starts it; the broker refuses a debug enclave"
        }
    }
}

/// The result of `policy from-sigstruct`, which text and JSON are made from.
struct SigstructResult: Encodable {
    let sigstructs: [SigstructSummary]
    /// Where each file differs from the one before it.
    let differences: [[SigstructDifference]]
    let rules: String

    var text: String {
        var text = self.sigstructs.map(\.text).joined()
        for (index, differences) in self.differences.enumerated() {
            text += "# from \(self.sigstructs[index].file) to \(self.sigstructs[index + 1].file): "
            text += differences.isEmpty ? "no difference but the signature\n" : "\(differences.count) differences\n"
            for difference in differences {
                text += "#   \(difference.field): \(difference.first) → \(difference.second): \(difference.meaning)\n"
            }
        }
        return text + self.rules
    }
}
