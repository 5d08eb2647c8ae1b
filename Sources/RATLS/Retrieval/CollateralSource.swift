// SPDX-License-Identifier: Apache-2.0

public import Attestation

/// Where collateral comes from: a PCCS, a cache in front of it, a folder, a test.
///
/// What a source returns is not trusted: ``Attestation/QuoteVerifier`` checks every signature and time in it.
public protocol CollateralSource: Sendable {
    /// Gets the collateral that verifying a quote takes.
    ///
    /// - Throws: ``RATLSError`` or an error of the source's own, when there is none to be had.
    func collateral(for quote: Quote) async throws -> Collateral
}
