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
    /// Finds the source of the environment this process runs in: Gramine's device in an SGX enclave, configfs-tsm in a TDX guest.
    ///
    /// The real one wins wherever there is one; `simulated` is used only when it was given and nothing real is there. Callers
    /// say aloud which source was chosen (``QuoteSource/name``).
    ///
    /// - Throws: ``QuoteSourceError`` with ``QuoteSourceError/Code/notInEnclave`` when there is none.
    public static func detect(
        gramineDirectory: String = GramineQuoteSource.defaultDirectory, tsmDirectory: String = TSMQuoteSource.defaultDirectory,
        simulated: (any QuoteSource)? = nil
    ) throws -> any QuoteSource {
        // An enclave can see no more of its host's configfs than its manifest lets in, so that its own device comes first.
        if Self.exists("\(gramineDirectory)/attestation_type") { return GramineQuoteSource(directory: gramineDirectory) }
        if Self.exists(tsmDirectory) { return TSMQuoteSource(directory: tsmDirectory) }
        if let simulated { return simulated }
        throw QuoteSourceError(
            .notInEnclave, "no source of quotes: neither \(gramineDirectory) nor \(tsmDirectory) is there",
            remedy:
                "for SGX run this under `gramine-sgx`, with `sgx.remote_attestation = \"dcap\"` in the manifest; for TDX in a guest with Linux 6.7 or later and configfs mounted; for development name a simulated platform"
        )
    }

    private static func exists(_ path: String) -> Bool {
        // Sound: the path is lent to the call as a terminated string.
        unsafe access(path, F_OK) == 0
    }
}
