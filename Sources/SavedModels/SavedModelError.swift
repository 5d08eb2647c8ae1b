// SPDX-License-Identifier: Apache-2.0

package import ByteCoding

/// Why a model or a graph cannot be read or converted.
public struct SavedModelError: Error, Hashable, Sendable {
    /// What kind of failure it is; the text is stable.
    public struct Code: Hashable, Sendable {
        /// The identifier, in kebab case.
        public let identifier: String
        let exitStatus: ExitStatus

        private init(_ identifier: String, _ exitStatus: ExitStatus = .badData) {
            self.identifier = identifier
            self.exitStatus = exitStatus
        }

        /// The bytes are no GraphDef: malformed, text, or another kind of file.
        public static let notAGraph = Code("not-a-graph")
        /// A tensor was asked for whose node does not exist.
        public static let noSuchNode = Code("no-such-node")
        /// A node takes an input from a node that does not exist.
        public static let missingInput = Code("missing-input")
        /// A port was asked for that the operation does not have.
        public static let badOutputIndex = Code("bad-output-index")
        /// Two nodes have one name.
        public static let duplicateName = Code("duplicate-name")
        /// A node's name breaks TensorFlow's rule for names.
        public static let badName = Code("bad-name")
        /// A node is wrong in itself, such as a control input that stands before a data input.
        public static let badNode = Code("bad-node")
        /// Nodes need each other in a circle.
        public static let cycle = Code("cycle")
        /// A constant has no value, or one that contradicts its own type or shape.
        public static let badConstant = Code("bad-constant")
        /// Variables, queues or iterators are left in the graph.
        public static let notFrozen = Code("not-frozen")
        /// The installed TensorFlow does not know an operation.
        public static let unknownOperation = Code("unknown-op")
        /// The graph wants a newer TensorFlow.
        public static let version = Code("version")
        /// The outputs need a placeholder that is not an input.
        public static let unfedPlaceholder = Code("unfed-placeholder")
        /// An input was named that no output needs.
        public static let unusedInput = Code("unused-input")
        /// Two inputs or two outputs have one key, or one tensor was named twice.
        public static let duplicateKey = Code("duplicate-key")
        /// The element type of a tensor cannot be told from the graph.
        public static let unknownType = Code("unknown-type")
        /// The file or the model exceeds what protobuf can hold.
        public static let tooLarge = Code("too-large")
        /// An option of a conversion does not make sense.
        public static let badOption = Code("bad-option", .usage)
        /// The bytes are no SavedModel.
        public static let notASavedModel = Code("not-a-saved-model")
        /// The variables' checkpoint is damaged, or of a kind that is not read.
        public static let badCheckpoint = Code("bad-checkpoint")
        /// A converted model does not compute what its graph did.
        public static let wrongAnswer = Code("wrong-answer")
        /// No meta graph carries the tags asked for.
        public static let noSuchTags = Code("no-such-tags")
        /// The model is in a form that this reader does not read.
        public static let unsupportedForm = Code("unsupported-form")
        /// A folder holds no SavedModel.
        public static let noSavedModel = Code("no-saved-model", .noInput)
        /// A model folder holds no versions.
        public static let noVersions = Code("no-versions", .noInput)
    }

    /// What kind of failure it is.
    public let code: Code
    /// What was wrong and where.
    public let message: String
    /// What the reader can do about it.
    public let remedy: String?

    package init(_ code: Code, _ message: String, remedy: String? = nil) {
        self.code = code
        self.message = message
        self.remedy = remedy
    }
}

extension SavedModelError: DiagnosableError {
    package var identifier: String { self.code.identifier }
    package var exitStatus: ExitStatus { self.code.exitStatus }
}
