// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import ProtectedFiles

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The file ssl.cfg, plain or sealed.
///
/// A sealed one is opened in memory only.
struct SSLConfigurationFile {
    /// The largest ssl.cfg that is read.
    static let sizeLimit = 1 << 20

    let path: String
    let sealing: Sealing

    /// Looks at the file.
    init(path: String) throws {
        self.path = path
        self.sealing = try Sealing.ofFile(path)
    }

    /// Reads a plain file.
    func read() throws -> SSLConfiguration {
        var bytes = try InputFile.readAll(self.path, limit: Self.sizeLimit)
        return try Self.parse(&bytes)
    }

    /// Opens a sealed file, which must have been sealed for `mountPath`.
    func open(with key: WrapKey, mountPath: String) throws -> SSLConfiguration {
        let reader = try ProtectedFileReader(path: self.path, key: key, expectedPath: mountPath)
        guard reader.size <= Self.sizeLimit else {
            throw ServingError(.badSSLConfiguration, "ssl.cfg is larger than \(Self.sizeLimit) bytes", remedy: "seal the right file")
        }
        var bytes = try reader.read(at: 0, count: reader.size)
        return try Self.parse(&bytes)
    }

    /// Reads the text and wipes the bytes that it came in.
    private static func parse(_ bytes: inout [UInt8]) throws(ServingError) -> SSLConfiguration {
        // These bytes can be wiped. What is made of them cannot: the text, which is read in place, and the key in the parsed message and the
        // configuration.
        defer { wipe(&bytes) }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ServingError(.badSSLConfiguration, "ssl.cfg is not UTF-8 text", remedy: "make a new set with 'sealwright tls issue'")
        }
        return try SSLConfiguration(textFormat: text)
    }
}
