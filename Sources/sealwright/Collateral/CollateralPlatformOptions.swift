// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Attestation

/// Which platform collateral is for: that of a quote, or a model by its FMSPC.
struct CollateralPlatformOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A quote of the platform: binary, or hexadecimal text.", valueName: "file"))
    var quote: String?

    @Option(help: ArgumentHelp("The platform's FMSPC, 12 hex digits, instead of a quote.", valueName: "hex"))
    var fmspc: String?

    @Option(help: ArgumentHelp("With --fmspc: sgx or tdx.", valueName: "tee"))
    var tee = "sgx"

    @Option(
        name: .customLong("ca"), help: ArgumentHelp("With --fmspc: which CA issues its PCK certificates, platform or processor.", valueName: "ca"))
    var certificateAuthority = "platform"

    /// A platform as it was named.
    enum Platform {
        case quote(Quote)
        case model(CollateralKey)
    }

    /// The platform.
    ///
    /// - Throws: a ``CommandFailure`` unless exactly one is named, and errors of the quote.
    func platform() throws -> Platform {
        switch (self.quote, self.fmspc) {
        case (let file?, nil):
            // Named before it is lent: the compiler (6.3.1) does not survive a span of what a throwing call returns.
            let bytes = try QuoteCommand.read(file)
            return .quote(try Quote(decoding: bytes.span))
        case (nil, let fmspc?): return .model(try self.key(fmspc))
        default:
            throw CommandFailure(
                "missing-platform", "name the platform by either --quote or --fmspc", remedy: "give a quote of the platform, or its FMSPC")
        }
    }

    private func key(_ text: String) throws -> CollateralKey {
        guard let fmspc = FMSPC(hex: text) else {
            throw CommandFailure("invalid-fmspc", "--fmspc \(text) is not 12 hex digits", remedy: "`sealwright quote show` prints a platform's FMSPC")
        }
        guard let tee = TEE(rawValue: self.tee.uppercased()) else {
            throw CommandFailure("invalid-tee", "--tee \(self.tee) is neither sgx nor tdx", remedy: "write sgx or tdx")
        }
        guard let authority = SGXPlatform.CertificateAuthority(rawValue: self.certificateAuthority.lowercased()) else {
            throw CommandFailure(
                "invalid-ca", "--ca \(self.certificateAuthority) is neither platform nor processor",
                remedy: "write platform for servers (Xeon Scalable from the third generation), processor for others")
        }
        return CollateralKey(tee: tee, fmspc: fmspc, certificateAuthority: authority)
    }
}
