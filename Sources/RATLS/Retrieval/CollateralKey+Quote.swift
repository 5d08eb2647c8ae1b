// SPDX-License-Identifier: Apache-2.0

public import Attestation

extension CollateralKey {
    /// Finds the key of a quote's collateral in the PCK certificate that the quote carries.
    ///
    /// - Throws: ``RATLSError/Code-swift.struct/collateralUnavailable`` for a quote that carries none, or one that cannot be read.
    public init(quote: Quote) throws(RATLSError) {
        let platform: SGXPlatform?
        do {
            platform = try quote.claimedPlatform()
        } catch {
            throw RATLSError(
                .collateralUnavailable, "the PCK certificate in the quote cannot be read, so its platform is unknown: \(error.message)",
                remedy: "make the quote again; if it persists, the quoting service's PCK cache is damaged: delete .dcap-qcnl and restart aesmd")
        }
        guard let platform else {
            throw RATLSError(
                .collateralUnavailable,
                "the quote carries no PCK certificate chain (certification data type \(quote.certificationData.kind.rawValue), 5 wanted)",
                remedy:
                    "install the quote provider library that fits the quoting service on the attesting machine (libsgx-dcap-default-qpl), and quote again"
            )
        }
        self.init(tee: quote.header.tee, fmspc: platform.fmspc, certificateAuthority: platform.certificateAuthority)
    }

    /// Finds the key in a PCK chain that a service sent for a quote without one.
    ///
    /// - Throws: ``RATLSError/Code-swift.struct/badCollateralResponse`` for a chain that cannot be read.
    init(tee: TEE, pckChain: [UInt8]) throws(RATLSError) {
        let platform: SGXPlatform
        do {
            platform = try SGXPlatform(claimedByPCKCertificatePEM: pckChain)
        } catch {
            throw RATLSError(
                .badCollateralResponse, "the PCK certificate that the service sent cannot be read: \(error.message)",
                remedy: "refresh the PCCS; if it persists, use another")
        }
        self.init(tee: tee, fmspc: platform.fmspc, certificateAuthority: platform.certificateAuthority)
    }
}
