// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import TensorFlowRuntime

extension RequestError {
    /// What a client is told of an error that is not a request's own: TensorFlow's status unchanged, else an internal error.
    init(describing error: any Error) {
        switch error {
        case let error as RequestError: self = error
        case let error as TensorFlowError: self.init(Code(error.code), error.message)
        case is CancellationError: self.init(.cancelled, "the request was cancelled")
        case let error as any DiagnosableError: self.init(.internalError, error.message)
        default: self.init(.internalError, "\(error)")
        }
    }
}

extension RequestError.Code {
    fileprivate init(_ code: TensorFlowError.Code) {
        self =
            switch code {
            case .cancelled: .cancelled
            case .invalidArgument: .invalidArgument
            case .deadlineExceeded: .deadlineExceeded
            case .notFound: .notFound
            case .resourceExhausted: .resourceExhausted
            case .failedPrecondition: .failedPrecondition
            case .aborted: .aborted
            case .outOfRange: .outOfRange
            case .unimplemented: .unimplemented
            case .internal: .internalError
            case .unavailable: .unavailable
            case .dataLoss: .dataLoss
            case .alreadyExists: .alreadyExists
            case .permissionDenied: .permissionDenied
            case .unauthenticated: .unauthenticated
            default: .unknown
            }
    }
}
