// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The choice between sources of quotes.
public enum QuoteSources {
    /// Finds the source of the environment this process runs in.
    ///
    /// The real one wins wherever there is one; `simulated` is used only when it was given and nothing real is there. Callers
    /// say aloud which source was chosen (``QuoteSource/name``).
    ///
    /// - Throws: ``QuoteSourceError`` with ``QuoteSourceError/Code/notInEnclave`` when there is none.
    public static func detect(
        gramineDirectory: String = GramineQuoteSource.defaultDirectory, simulated: (any QuoteSource)? = nil
    ) throws -> any QuoteSource {
        // Sound: the path is lent to the call as a terminated string.
        if unsafe access("\(gramineDirectory)/attestation_type", R_OK) == 0 { return GramineQuoteSource(directory: gramineDirectory) }
        if let simulated { return simulated }
        throw QuoteSourceError(
            .notInEnclave, "no source of quotes: \(gramineDirectory) is not there",
            remedy:
                "run this under `gramine-sgx`, with `sgx.remote_attestation = \"dcap\"` in the manifest; for development name a simulated platform")
    }
}
