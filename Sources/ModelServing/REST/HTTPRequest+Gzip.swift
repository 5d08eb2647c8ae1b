// SPDX-License-Identifier: Apache-2.0

import NIOHTTP1

extension HTTPRequest {
    /// The most that a compressed body may hold.
    static let decompressionLimit = 100 << 20

    /// The body without its compression.
    ///
    /// As in TensorFlow Serving a body that cannot be decompressed, or is too large, counts as empty.
    var decodedBody: [UInt8] {
        guard self.headers["Content-Encoding"].contains(where: { $0.lowercased().contains("gzip") }) else { return self.body }
        return Gzip.decompress(self.body, limit: Self.decompressionLimit) ?? []
    }
}
