// SPDX-License-Identifier: Apache-2.0

package import GRPCCore

/// Why one request is refused, with the code and the words that clients of TensorFlow Serving see.
package struct RequestError: Error, Hashable, Sendable {
    /// The kind of failure, as in gRPC's status codes.
    package enum Code: Sendable {
        case invalidArgument, notFound, failedPrecondition, unimplemented, deadlineExceeded, unavailable
        case resourceExhausted, dataLoss, outOfRange, cancelled, aborted, internalError, unknown
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
        }
    }

    package var rpcErrorMessage: String {
        guard self.message.utf8.count > Self.longestMessage else { return self.message }
        return String(decoding: self.message.utf8.prefix(Self.longestMessage), as: UTF8.self) + "...TRUNCATED"
    }
}
