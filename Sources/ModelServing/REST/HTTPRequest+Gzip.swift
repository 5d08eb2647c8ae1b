// SPDX-License-Identifier: Apache-2.0

import NIOHTTP1

extension HTTPRequest {
    /// The most that a compressed body may hold, as in TensorFlow Serving.
    static let decompressionLimit = 100 << 20

    /// The body without its compression; `nil` when it then is larger than ``bodyLimit``.
    ///
    /// As in TensorFlow Serving a body that cannot be decompressed, or holds more than ``decompressionLimit``, counts as empty.
    var decodedBody: [UInt8]? {
        guard self.headers["Content-Encoding"].contains(where: { $0.lowercased().contains("gzip") }) else { return self.body }
        do {
            return try Gzip.decompress(self.body, limit: min(Self.decompressionLimit, self.bodyLimit))
        } catch {
            return error == .tooLarge && self.bodyLimit < Self.decompressionLimit ? nil : []
        }
    }
}
