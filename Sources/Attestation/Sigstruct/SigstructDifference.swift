// SPDX-License-Identifier: Apache-2.0

import ByteCoding

/// A field in which two builds of an enclave differ.
public struct SigstructDifference: Hashable, Sendable, Codable {
    /// The field, under its name in the format.
    public let field: String
    /// What the first build has.
    public let first: String
    /// What the second build has.
    public let second: String
    /// What follows from it.
    public let meaning: String
}

extension Sigstruct {
    /// Where a later build differs from this one; date and signature, which differ in every build, only where that means something.
    public func differences(from other: Sigstruct) -> [SigstructDifference] {
        var found: [SigstructDifference] = []
        func compare(_ field: String, _ value: (Sigstruct) -> String, _ meaning: String) {
            let (first, second) = (value(self), value(other))
            guard first != second else { return }
            found.append(SigstructDifference(field: field, first: first, second: second, meaning: meaning))
        }
        compare("MRENCLAVE", \.mrEnclave.hexString, "other code, libraries, manifest or Gramine; a rule by mr_enclave has to name both")
        compare("MRSIGNER", \.claimedMRSigner.hexString, "another signing key; a rule by mr_signer has to name both")
        compare("ISVPRODID", \.isvProdID.description, "another product")
        compare(
            "ISVSVN", \.isvSVN.description,
            other.isvSVN < self.isvSVN
                ? "an older security version: a step back"
                : "a newer security version: raise minimum_isv_svn once the old build is gone")
        compare("ATTRIBUTES", \.attributes.bytes.hexString, "other features or another mode, debug mode among them")
        compare("ATTRIBUTEMASK", \.attributesMask.bytes.hexString, "other attributes are left to whoever starts the enclave")
        compare("MISCSELECT", { $0.miscSelect.hexadecimal }, "another state save area")
        compare("MISCMASK", { $0.miscMask.hexadecimal }, "other bits of MISCSELECT are left open")
        compare("CET", { "\($0.cetAttributes)/\($0.cetMask)" }, "other control-flow enforcement")
        compare("ISVFAMILYID", \.familyID.hexString, "another product family")
        compare("ISVEXTPRODID", \.extendedProductID.hexString, "another extended product number")
        compare("VENDOR", { $0.vendor.hexadecimal }, "another vendor mark")
        compare("DATE", \.date.description, "signed on another day; not part of MRENCLAVE")
        return found
    }
}

extension UInt32 {
    fileprivate var hexadecimal: String { "0x" + String(self, radix: 16) }
}
