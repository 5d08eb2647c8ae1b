public import Attestation

extension Check.ID {
    /// The peer's certificate is an RA-TLS certificate with evidence in it.
    public static let certificateEvidence = Check.ID("certificate.evidence")
    /// There was collateral to be had for the quote's platform.
    public static let collateralAvailable = Check.ID("collateral.available")
}
