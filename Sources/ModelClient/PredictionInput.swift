// SPDX-License-Identifier: Apache-2.0

public import SavedModels

/// One input as a person gives it: a name and a value that becomes a tensor once the model's signature is known.
public struct PredictionInput: Hashable, Sendable {
    /// How the value is written.
    public struct Form: Hashable, Sendable {
        fileprivate enum Wrapped { case json, text, automatic, file }
        fileprivate let wrapped: Wrapped

        /// JSON, whatever the input's type.
        public static let json = Form(wrapped: .json)
        /// A text as it is, for inputs of strings.
        public static let text = Form(wrapped: .text)
        /// For inputs of strings a text as it is, unless it is JSON strings in lists; for others JSON.
        public static let automatic = Form(wrapped: .automatic)
        /// For inputs of strings a text as it is, whatever it holds; for others JSON.
        public static let file = Form(wrapped: .file)
    }

    /// The signature's name of the input.
    public let name: String
    /// The value's bytes.
    public let value: [UInt8]
    /// How the value is written.
    public let form: Form

    /// Takes a value as it was given.
    public init(name: String, value: [UInt8], form: Form) {
        self.name = name
        self.value = value
        self.form = form
    }

    /// The tensors that a signature makes of these inputs.
    ///
    /// - Throws: ``ModelClientError`` with the code `unknown-input`, `missing-input` or `bad-input`.
    public static func tensors(_ inputs: [PredictionInput], for signature: Signature) throws(ModelClientError) -> [String: TensorValue] {
        var tensors: [String: TensorValue] = [:]
        for input in inputs {
            guard let info = signature.inputs[input.name] else {
                throw ModelClientError(.unknownInput, "the signature has no input \(input.name)", remedy: "its inputs are \(Self.list(signature))")
            }
            guard tensors[input.name] == nil else { throw ModelClientError(.badInput, "input \(input.name) is given twice") }
            tensors[input.name] = try input.tensor(for: info)
        }
        let missing = signature.inputs.keys.filter { tensors[$0] == nil && !signature.optionalInputs.contains($0) }.sorted()
        guard missing.isEmpty else {
            throw ModelClientError(
                .missingInput, "no value for input \(missing.joined(separator: ", "))", remedy: "give --input NAME=VALUE for \(Self.list(signature))")
        }
        return tensors
    }

    private func tensor(for info: TensorInfo) throws(ModelClientError) -> TensorValue {
        guard info.dataType.base == .string else {
            if self.form == .text { return try TensorValue(text: self.value, for: info, name: self.name) }
            return try TensorValue(json: self.value, for: info, name: self.name)
        }
        return self.isJSON
            ? try TensorValue(json: self.value, for: info, name: self.name) : try TensorValue(text: self.value, for: info, name: self.name)
    }

    /// Whether the value of an input of strings is JSON.
    ///
    /// A text that happens to be JSON of another kind, such as a number, is a text.
    private var isJSON: Bool {
        switch self.form.wrapped {
        case .json: true
        case .text, .file: false
        case .automatic: (try? JSONTensor(decoding: self.value))?.scalars.allSatisfy { if case .string = $0 { true } else { false } } ?? false
        }
    }

    private static func list(_ signature: Signature) -> String {
        signature.inputs.sorted { $0.key < $1.key }.map { "\($0.key) (\($0.value.dataType) \($0.value.shape))" }.joined(separator: ", ")
    }
}
