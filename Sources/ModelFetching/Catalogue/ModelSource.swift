// SPDX-License-Identifier: Apache-2.0

/// Where a model comes from, and what it has to be.
package struct ModelSource: Hashable, Sendable, Decodable {
    /// A file inside a wheel on a Python package index.
    package struct Wheel: Hashable, Sendable, Decodable {
        /// Name of the package.
        package let package: String
        package let version: String
        /// File or folder in the wheel that is the model.
        package let path: String
    }

    /// Its name in the catalogue.
    package let name: String
    /// What it does, in a line.
    package let summary: String
    /// Under which licence it is published.
    package let licence: String
    /// Where the file is, for one that is fetched as it is.
    package let url: String?
    /// Where the model is in a wheel.
    package let wheel: Wheel?
    /// SHA-256 of the file or the wheel in hexadecimal digits; absent where nobody has published one.
    package let sha256: String?
    /// How to go on from there.
    package let hint: String?
}
