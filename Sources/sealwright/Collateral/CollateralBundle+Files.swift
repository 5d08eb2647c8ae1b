// SPDX-License-Identifier: Apache-2.0

import Attestation
import ByteCoding
import Foundation
import RATLS

extension CollateralBundle {
    /// Reads a bundle's file.
    init(contentsOfFile path: String) throws {
        try self.init(decoding: try InputFile.readAll(path, limit: Self.maximumSize))
    }

    /// Reads all of a cache folder, which has to be there.
    static func reading(cache directory: String) async throws -> CollateralBundle {
        guard FileManager.default.fileExists(atPath: "\(directory)/.") else {
            throw CommandFailure(
                "no-collateral-cache", "\(directory) is not a folder", remedy: "fill a cache with `sealwright collateral fetch --cache DIR`",
                exitStatus: .noInput)
        }
        return await (try CollateralStore(directory: directory)).loadAll()
    }
}
