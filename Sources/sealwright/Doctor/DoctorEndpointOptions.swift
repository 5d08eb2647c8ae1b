// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ByteCoding
import RATLS

/// Ports and services that a doctor looks at.
struct DoctorEndpointOptions: ParsableArguments {
    @Option(help: "Address to listen on.")
    var address = "0.0.0.0"

    @Option(help: ArgumentHelp("A port that has to be free; repeat for more (default: those of the role).", valueName: "port"))
    var port: [UInt16] = []

    @Option(name: .customLong("pccs-url"), help: "Base of the collateral service, to be asked.")
    var pccsURL: String?

    @Option(name: .customLong("pccs-ca"), help: ArgumentHelp("CA of the collateral service's own certificate, PEM.", valueName: "file"))
    var pccsCA: String?

    func ports(default ports: [Int]) -> [Int] { self.port.isEmpty ? ports : self.port.map { Int($0) } }

    /// The collateral service, where one is to be asked.
    func service() throws -> CollateralServiceAddress? { try self.pccsURL.map { try CollateralServiceAddress($0) } }

    /// What asks the collateral service.
    func withTransport<Result>(_ body: (HTTPCollateralTransport) async throws -> Result) async throws -> Result {
        let authorities = try self.pccsCA.map {
            try PEMDocument.certificates(try InputFile.readAll($0, limit: PEMDocument.sizeLimit), name: $0)
        }
        return try await HTTPCollateralTransport.with(certificateAuthorities: authorities ?? [], timeout: .seconds(10), body)
    }
}
