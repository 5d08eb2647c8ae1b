// SPDX-License-Identifier: Apache-2.0

/// What an owner expects of an SGX enclave.
///
/// That a value is not given is said, not implied: rules decide what follows from it, and never read it as "matches".
public struct SGXReferenceValues: Hashable, Sendable {
    /// Accepted values of one field.
    public typealias Accepted = ReferenceValue

    /// Accepted enclave measurements.
    public var mrEnclave: Accepted<Measurement>
    /// Accepted signers.
    public var mrSigner: Accepted<Measurement>
    /// Accepted product numbers of the signer.
    ///
    /// Needed when only the signer is given, for a signer signs many things.
    public var isvProdID: Accepted<UInt16>
    /// Lowest accepted security version number.
    public var minimumISVSVN: UInt16

    /// Reference values; with neither measurement nor signer every enclave is refused unless a waiver says otherwise.
    public init(
        mrEnclave: Accepted<Measurement> = .notGiven, mrSigner: Accepted<Measurement> = .notGiven, isvProdID: Accepted<UInt16> = .notGiven,
        minimumISVSVN: UInt16 = 0
    ) {
        self.mrEnclave = mrEnclave
        self.mrSigner = mrSigner
        self.isvProdID = isvProdID
        self.minimumISVSVN = minimumISVSVN
    }
}
