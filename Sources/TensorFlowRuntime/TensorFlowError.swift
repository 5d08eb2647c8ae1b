// SPDX-License-Identifier: Apache-2.0

package import ByteCoding

/// What TensorFlow, or the runtime around it, could not do.
public struct TensorFlowError: Error, Hashable, Sendable {
    /// A status code, numbered as in TensorFlow and in gRPC.
    public struct Code: Hashable, Sendable, RawRepresentable {
        /// The number, 1 to 16.
        public let rawValue: Int32

        /// Takes a number as it comes from TensorFlow.
        public init(rawValue: Int32) { self.rawValue = rawValue }

        /// The caller gave up.
        public static let cancelled = Code(rawValue: 1)
        /// A failure without a better name.
        public static let unknown = Code(rawValue: 2)
        /// The request itself is wrong, whatever the model's state.
        public static let invalidArgument = Code(rawValue: 3)
        /// The time for the run was over.
        public static let deadlineExceeded = Code(rawValue: 4)
        /// Something that was named is not there.
        public static let notFound = Code(rawValue: 5)
        /// Something that was to be made is there already.
        public static let alreadyExists = Code(rawValue: 6)
        /// The caller may not do this.
        public static let permissionDenied = Code(rawValue: 7)
        /// Memory or another resource is used up.
        public static let resourceExhausted = Code(rawValue: 8)
        /// The model is not in a state for this.
        public static let failedPrecondition = Code(rawValue: 9)
        /// The operation was broken off.
        public static let aborted = Code(rawValue: 10)
        /// Past a valid range, such as a file's end.
        public static let outOfRange = Code(rawValue: 11)
        /// TensorFlow or the model can't do this.
        public static let unimplemented = Code(rawValue: 12)
        /// A defect.
        public static let `internal` = Code(rawValue: 13)
        /// Not there at the moment.
        public static let unavailable = Code(rawValue: 14)
        /// Data are damaged or were tampered with.
        public static let dataLoss = Code(rawValue: 15)
        /// The caller is not known.
        public static let unauthenticated = Code(rawValue: 16)

        private static let names = [
            "ok", "cancelled", "unknown", "invalid-argument", "deadline-exceeded", "not-found", "already-exists", "permission-denied",
            "resource-exhausted", "failed-precondition", "aborted", "out-of-range", "unimplemented", "internal", "unavailable", "data-loss",
            "unauthenticated",
        ]

        /// The code's name in kebab case: `invalid-argument`.
        public var name: String {
            Self.names.indices.contains(Int(self.rawValue)) ? Self.names[Int(self.rawValue)] : "status-\(self.rawValue)"
        }
    }

    /// The status to answer a client with.
    public let code: Code
    /// A stable name of what went wrong: that of our own check, or `tensorflow-` and the status where TensorFlow itself refused.
    public let identifier: String
    /// What was wrong; TensorFlow's own words where it refused.
    public let message: String
    /// What its reader can do about it, where that is known.
    public let remedy: String?

    init(_ code: Code, _ identifier: String, _ message: String, remedy: String? = nil) {
        self.code = code
        self.identifier = identifier
        self.message = message
        self.remedy = remedy
    }

    /// TensorFlow's own refusal.
    init(status: Int32, message: String) {
        let code = Code(rawValue: status)
        self.init(code, "tensorflow-\(code.name)", message)
    }
}

extension TensorFlowError: DiagnosableError {
    package var exitStatus: ExitStatus {
        switch self.code {
        case .unavailable: .unavailable
        case .notFound: .noInput
        case .internal, .unknown: .software
        default: .badData
        }
    }
}

extension TensorFlowError: CustomStringConvertible {
    /// Message and identifier.
    public var description: String { "\(self.message) [\(self.identifier)]" }
}
