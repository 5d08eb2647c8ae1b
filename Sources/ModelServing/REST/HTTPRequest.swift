// SPDX-License-Identifier: Apache-2.0

package import NIOHTTP1

/// One HTTP request with its whole body.
package struct HTTPRequest: Sendable {
    package let method: HTTPMethod
    /// Path and query string, as they were sent.
    package let target: String
    package let headers: HTTPHeaders
    package var body: [UInt8] = []
    /// The largest body that is read, in bytes, compressed or not.
    package let bodyLimit: Int

    package init(method: HTTPMethod, target: String, headers: HTTPHeaders = [:], body: [UInt8] = [], bodyLimit: Int = .max) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.bodyLimit = bodyLimit
    }
}
