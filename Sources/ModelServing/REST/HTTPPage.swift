// SPDX-License-Identifier: Apache-2.0

package import NIOHTTP1

/// What is answered to an HTTP request.
package struct HTTPPage: Sendable {
    package var status: HTTPResponseStatus
    /// Nothing for answers without a body.
    package var contentType: String?
    package var body: [UInt8]
    /// Further headers.
    package var headers: [(name: String, value: String)] = []

    package init(status: HTTPResponseStatus = .ok, contentType: String?, body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    /// A page of plain text.
    package static func text(_ text: String, status: HTTPResponseStatus = .ok) -> HTTPPage {
        HTTPPage(status: status, contentType: "text/plain", body: Array(text.utf8))
    }

    static func json(_ body: [UInt8], status: HTTPResponseStatus = .ok) -> HTTPPage {
        HTTPPage(status: status, contentType: "application/json", body: body)
    }

    /// A refusal as TensorFlow Serving words it: the message without the code's name.
    static func error(_ error: RequestError) -> HTTPPage {
        .json(JSONTree.object([("error", .string(Array(error.message.utf8)))]).text(indentation: 4), status: error.code.httpStatus)
    }

    /// A refusal by the HTTP server itself.
    static func refusal(_ status: HTTPResponseStatus, _ message: String) -> HTTPPage {
        .json(JSONTree.object([("error", .string(Array(message.utf8)))]).text(indentation: 4), status: status)
    }

    /// A refusal of a body that is larger than `limit` bytes, as it was sent or when it is decompressed.
    static func bodyTooLarge(limit: Int) -> HTTPPage {
        .refusal(.payloadTooLarge, RequestError.bodyTooLarge(limit: limit).message)
    }

    /// What TensorFlow Serving's HTTP library answers outside of the API.
    static let notFound = HTTPPage(
        status: .notFound, contentType: "text/html",
        body: Array("<HTML><HEAD>\n<TITLE>404 Not Found</TITLE>\n</HEAD><BODY>\n<H1>Not Found</H1>\n</BODY></HTML>\n".utf8))
}

extension RequestError.Code {
    /// The HTTP status that TensorFlow Serving answers with.
    var httpStatus: HTTPResponseStatus {
        switch self {
        case .invalidArgument, .failedPrecondition, .outOfRange: .badRequest
        case .unauthenticated: .unauthorized
        case .permissionDenied: .forbidden
        case .notFound: .notFound
        case .alreadyExists, .aborted: .conflict
        case .resourceExhausted: .tooManyRequests
        case .cancelled: .custom(code: 499, reasonPhrase: "Client Closed Request")
        case .unimplemented: .notImplemented
        case .unavailable: .serviceUnavailable
        case .deadlineExceeded: .gatewayTimeout
        case .unknown, .internalError, .dataLoss: .internalServerError
        }
    }
}
