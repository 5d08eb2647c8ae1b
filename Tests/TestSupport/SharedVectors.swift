// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Test data that lies beside the project and is not part of it: third-party quotes, collateral and models.
///
/// Found in `../shared` next to the checkout, or where `SEALWRIGHT_SHARED` points. Tests that need it carry
/// `.enabled(if: SharedVectors.exist("dcap"))`, so that they are reported as skipped, by name, where it is absent.
package enum SharedVectors {
    private static let root = ProcessInfo.processInfo.environment["SEALWRIGHT_SHARED"] ?? Checkout.path + "/../shared"

    /// The path of a vector or vector set, such as `protected-files/manifest.json`.
    package static func path(_ name: String) -> String { "\(self.root)/vectors/\(name)" }

    /// The path of a test model, such as `tf-serving/half_plus_two_cpu`.
    package static func model(_ name: String) -> String { "\(self.root)/models/\(name)" }

    /// Whether a vector set is there.
    package static func exist(_ name: String) -> Bool { self.isExpected(self.path(name)) }

    /// Whether a test model is there.
    package static func modelExists(_ name: String) -> Bool { self.isExpected(self.model(name)) }

    /// Continuous integration has all the data or none: what is missing in it fails a test instead of skipping it.
    private static func isExpected(_ path: String) -> Bool {
        self.areComplete || FileManager.default.fileExists(atPath: path)
    }

    private static let areComplete = ProcessInfo.processInfo.environment["CI"] == "true" && FileManager.default.fileExists(atPath: Self.root)

    /// Reads a vector file.
    package static func read(_ name: String) throws -> [UInt8] {
        try [UInt8](Data(contentsOf: URL(fileURLWithPath: self.path(name))))
    }
}

/// Where the sources of the test run lie.
package enum Checkout {
    package static let path = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
}
