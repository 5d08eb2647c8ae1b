// SPDX-License-Identifier: Apache-2.0

import NIOHTTP1

/// Who answers which URL: the REST API below `/v1/`, pages at their exact paths, nobody elsewhere.
package struct HTTPRouter: Sendable {
    /// Makes a page when it is asked for.
    package typealias Page = @Sendable () async -> HTTPPage

    private let api: RESTAPI?
    private let pages: [String: Page]

    /// - Parameters:
    ///   - api: the REST API; `nil` to offer the pages alone.
    ///   - pages: further pages by their paths.
    package init(api: RESTAPI?, pages: [String: Page] = [:]) {
        self.api = api
        self.pages = pages
    }

    /// Answers a request.
    package func answer(_ request: HTTPRequest) async -> HTTPPage {
        if let api = self.api, RESTPath.isOfAPI(request.target) { return await api.answer(request) }
        if let page = self.pages[request.target] {
            guard request.method == .GET || request.method == .HEAD else {
                return .text("\(request.method.rawValue) is not allowed here\n", status: .methodNotAllowed)
            }
            return await page()
        }
        let path = String(request.target.prefix { $0 != "?" })
        // TensorFlow Serving's words, for its metrics page.
        if self.pages[path] != nil { return .text("Unexpected path: \(request.target). Should be \(path)", status: .badRequest) }
        return .notFound
    }
}
