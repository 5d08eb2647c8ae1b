// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Foundation
import RATLS

/// A collateral service as options name it.
struct CollateralService {
    let address: CollateralServiceAddress
    private let caFile: String?

    /// Most bytes of a file with a subscription key.
    private static let keyLimit = 1024

    /// `nil` if neither a profile nor an address is given.
    init?(profile: String?, url: String?, caFile: String?) throws {
        switch (profile, url) {
        case (nil, nil): return nil
        case (let profile?, nil): self.address = try CollateralProfile(profile).address
        case (nil, let url?): self.address = try CollateralServiceAddress(url)
        default:
            throw CommandFailure(
                "conflicting-options", "a profile and --pccs-url name two collateral services", remedy: "give one of them")
        }
        self.caFile = caFile
    }

    /// Runs `body` with a client of the service, whose connections are closed afterwards.
    func withClient<Result>(subscriptionKeyFile: String? = nil, _ body: (PCCSClient) async throws -> Result) async throws -> Result {
        let authorities = try self.caFile.map { try PEMDocument.certificates(try InputFile.readAll($0, limit: PEMDocument.sizeLimit), name: $0) }
        let key = try subscriptionKeyFile.map(Self.subscriptionKey)
        return try await HTTPCollateralTransport.with(certificateAuthorities: authorities ?? []) { transport in
            try await body(PCCSClient(address: self.address, transport: transport, subscriptionKey: key))
        }
    }

    /// Reads the key that Intel's service wants for PCK certificates.
    static func subscriptionKey(_ file: String) throws -> String {
        let text = String(decoding: try InputFile.readAll(file, limit: Self.keyLimit), as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard !text.isEmpty, text.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) }) else {
            throw CommandFailure(
                "invalid-subscription-key", "\(file) does not hold a subscription key",
                remedy: "put the key alone into the file, as Intel's portal shows it",
                exitStatus: .badData)
        }
        return text
    }
}
