// SPDX-License-Identifier: Apache-2.0

import NIOHTTP1

extension HTTPRequest {
    /// The most that a compressed body may hold, as in TensorFlow Serving.
    static let decompressionLimit = 100 << 20

    /// The body without its compression.
    ///
    /// As in TensorFlow Serving a body that cannot be decompressed, or holds more than ``decompressionLimit``, counts as empty.
    ///
    /// - Throws: ``RequestError/bodyTooLarge(limit:)`` when it holds more than ``bodyLimit``.
    var decodedBody: [UInt8] {
        get throws(RequestError) {
            guard self.headers["Content-Encoding"].contains(where: { $0.lowercased().contains("gzip") }) else { return self.body }
            do {
                return try Gzip.decompress(self.body, limit: min(Self.decompressionLimit, self.bodyLimit))
            } catch {
                guard error == .tooLarge, self.bodyLimit < Self.decompressionLimit else { return [] }
                throw .bodyTooLarge(limit: self.bodyLimit)
            }
        }
    }
}

extension RequestError {
    /// What is recorded of a body that is larger than `limit` bytes, with gRPC's code for it; the answer is ``HTTPPage/bodyTooLarge(limit:)``.
    static func bodyTooLarge(limit: Int) -> RequestError {
        RequestError(.resourceExhausted, "the request's body is larger than \(limit) bytes")
    }
}
