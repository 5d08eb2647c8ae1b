// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Whole files for comparing.
enum FileBytes {
    static func read(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) }
}
