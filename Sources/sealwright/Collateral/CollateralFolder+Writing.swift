// SPDX-License-Identifier: Apache-2.0

import Attestation
import ByteCoding

extension CollateralFolder {
    /// Writes the pieces as files, byte for byte, into a folder that appears whole or not at all.
    static func write(_ collateral: Collateral, to path: String, replacing: Bool) throws {
        let folder = try OutputFolder(path: path, replacing: replacing)
        for (name, bytes) in Self.files(collateral) { try folder.write(bytes, to: name, permissions: 0o644) }
        try folder.commit()
    }
}
