// SPDX-License-Identifier: Apache-2.0

import SwiftProtobuf
package import TensorFlowProtos
package import TensorFlowRuntime

/// One Predict request, checked: what is fed to the session and what is fetched from it.
///
/// The checks, their order and their words are TensorFlow Serving's.
package struct Prediction: Sendable {
    /// The session's tensor names with the tensors fed to them.
    package let feeds: [(name: String, tensor: Tensor)]
    /// Aliases of the outputs with the session's tensor names.
    package let fetches: [(alias: String, name: String)]

    package init(_ request: PredictInputs, signature: Tensorflow_SignatureDef) throws(RequestError) {
        try Self.checkCounts(Set(request.tensors.keys), signature)
        self.feeds = try Self.feeds(of: request, signature)
        self.fetches = try Self.fetches(of: request.outputFilter, signature)
    }

    /// Takes tensors that have been read already, for all outputs of the signature.
    init(_ tensors: [(name: String, tensor: Tensor)], signature: Tensorflow_SignatureDef) throws(RequestError) {
        try Self.checkCounts(Set(tensors.map(\.name)), signature)
        self.feeds = tensors.map { (signature.inputs[$0.name]?.name ?? "", $0.tensor) }
        self.fetches = try Self.fetches(of: [], signature)
    }

    private static func checkCounts(_ sentKeys: Set<String>, _ signature: Tensorflow_SignatureDef) throws(RequestError) {
        let (sent, wanted) = (sentKeys.count, signature.inputs.count)
        guard sent > wanted || (sent < wanted && signature.defaults.isEmpty) else { return }
        let wantedKeys = Set(signature.inputs.keys)
        throw RequestError(
            .invalidArgument,
            "input size does not match signature: \(sent)!=\(wanted) len({\(list(sentKeys))}) != len({\(list(wantedKeys))}). "
                + "Sent extra: {\(list(sentKeys.subtracting(wantedKeys)))}. "
                + "Missing but required: {\(list(wantedKeys.subtracting(sentKeys)))}.")
    }

    private static func feeds(
        of request: PredictInputs, _ signature: Tensorflow_SignatureDef
    ) throws(RequestError) -> [(name: String, tensor: Tensor)] {
        var feeds: [(name: String, tensor: Tensor)] = []
        var used: [String] = []
        var budget = ExpansionBudget()
        for (alias, info) in signature.inputs.sorted(by: { $0.key < $1.key }) {
            if let sent = request.tensors[alias] {
                used.append(alias)
                feeds.append((info.name, try Self.tensor(sent, alias: alias)))
                continue
            }
            guard let value = signature.defaults[alias] else {
                throw RequestError(
                    .invalidArgument,
                    "Signature input alias: \(alias)(feed name: \(info.name)) not found in request and no default value provided. "
                        + "Inputs expected to be in the request {\(list(request.tensors.keys))}, "
                        + "or default input alias set: \(list(signature.defaults.keys))")
            }
            let made = Result { () throws(TensorProtoError) in try Tensor(decoding: value, budget: &budget) }
            feeds.append((info.name, try Self.tensor(made, alias: alias)))
        }
        guard used.count == request.tensors.count else {
            throw RequestError(
                .invalidArgument,
                "Inputs contains invalid name. Used request inputs: \(list(used)), request input: \(list(request.tensors.keys))")
        }
        return feeds
    }

    private static func tensor(_ result: Result<Tensor, TensorProtoError>, alias: String) throws(RequestError) -> Tensor {
        do throws(TensorProtoError) {
            return try result.get()
        } catch {
            throw RequestError(.invalidArgument, "tensor parsing error: \(alias): \(error.reason)")
        }
    }

    private static func fetches(
        of filter: [String], _ signature: Tensorflow_SignatureDef
    ) throws(RequestError) -> [(alias: String, name: String)] {
        guard !filter.isEmpty else { return signature.outputs.sorted { $0.key < $1.key }.map { ($0.key, $0.value.name) } }
        var fetches: [(alias: String, name: String)] = []
        var seen: Set<String> = []
        for alias in filter {
            guard let info = signature.outputs[alias] else {
                throw RequestError(
                    .invalidArgument,
                    "output tensor alias not found in signature: \(alias) Outputs expected to be in the set {\(list(signature.outputs.keys))}.")
            }
            guard seen.insert(alias).inserted else { throw RequestError(.invalidArgument, "duplicate output tensor alias: \(alias)") }
            fetches.append((alias, info.name))
        }
        return fetches
    }

    private static func list(_ names: some Sequence<String>) -> String { names.sorted().joined(separator: ",") }
}
