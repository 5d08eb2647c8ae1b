// SPDX-License-Identifier: Apache-2.0

package import ByteCoding
import TensorFlowRuntime

extension RequestError {
    /// What the status of a version says of a failed load: the check that failed, by its identifier, and what can be done.
    init(describingLoad error: any Error) {
        switch error {
        case let error as RequestError: self = error
        case let error as ServingError where error.code == .noSuchTags: self.init(.notFound, Self.text(error))
        case let error as TensorFlowError where error.identifier.hasPrefix("tensorflow-"): self.init(describing: error)
        case let error as any DiagnosableError: self.init(Code(error.exitStatus), Self.text(error))
        default: self.init(describing: error)
        }
    }

    private static func text(_ error: any DiagnosableError) -> String {
        "\(error.message) [\(error.identifier)]\(error.remedy.map { "; what to do: \($0)" } ?? "")"
    }
}

extension RequestError: DiagnosableError {
    /// The code's name in kebab case: `data-loss`.
    package var identifier: String { self.code.rawValue.lowercased().replacing("_", with: "-") }
    package var remedy: String? { nil }
    package var exitStatus: ExitStatus { self.code == .unavailable ? .unavailable : .badData }
}

extension RequestError.Code {
    fileprivate init(_ status: ExitStatus) {
        self =
            switch status {
            case .badData: .dataLoss
            case .noInput: .notFound
            case .refused: .permissionDenied
            case .unavailable, .inputOutput: .unavailable
            case .usage, .configuration: .failedPrecondition
            default: .internalError
            }
    }
}
