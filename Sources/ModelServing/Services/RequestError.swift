// SPDX-License-Identifier: Apache-2.0

package import GRPCCore

/// Why one request is refused, with the code and the words that clients of TensorFlow Serving see.
package struct RequestError: Error, Hashable, Sendable {
    /// The kind of failure, as in gRPC's status codes; the raw value is its canonical name.
    package enum Code: String, Sendable {
        case cancelled = "CANCELLED"
        case unknown = "UNKNOWN"
        case invalidArgument = "INVALID_ARGUMENT"
        case deadlineExceeded = "DEADLINE_EXCEEDED"
        case notFound = "NOT_FOUND"
        case alreadyExists = "ALREADY_EXISTS"
        case permissionDenied = "PERMISSION_DENIED"
        case resourceExhausted = "RESOURCE_EXHAUSTED"
        case failedPrecondition = "FAILED_PRECONDITION"
        case aborted = "ABORTED"
        case outOfRange = "OUT_OF_RANGE"
        case unimplemented = "UNIMPLEMENTED"
        case internalError = "INTERNAL"
        case unavailable = "UNAVAILABLE"
        case dataLoss = "DATA_LOSS"
        case unauthenticated = "UNAUTHENTICATED"
    }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

extension RequestError: RPCErrorConvertible {
    /// The longest message that gRPC clients are sent, in bytes; TensorFlow Serving cuts there too.
    package static let longestMessage = 1024

    package var rpcErrorCode: RPCError.Code {
        switch self.code {
        case .invalidArgument: .invalidArgument
        case .notFound: .notFound
        case .failedPrecondition: .failedPrecondition
        case .unimplemented: .unimplemented
        case .deadlineExceeded: .deadlineExceeded
        case .unavailable: .unavailable
        case .resourceExhausted: .resourceExhausted
        case .dataLoss: .dataLoss
        case .outOfRange: .outOfRange
        case .cancelled: .cancelled
        case .aborted: .aborted
        case .internalError: .internalError
        case .unknown: .unknown
        case .alreadyExists: .alreadyExists
        case .permissionDenied: .permissionDenied
        case .unauthenticated: .unauthenticated
        }
    }

    /// The code's name and the message, as statuses inside of messages are written.
    var statusText: String { "\(self.code.rawValue): \(self.message)" }

    package var rpcErrorMessage: String {
        guard self.message.utf8.count > Self.longestMessage else { return self.message }
        return String(decoding: self.message.utf8.prefix(Self.longestMessage), as: UTF8.self) + "...TRUNCATED"
    }
}
