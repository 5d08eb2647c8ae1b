// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import GRPCCore
import SavedModels
import SwiftProtobuf
package import TensorFlowProtos
import TensorFlowRuntime

/// A Predict request whose tensors have been made already, each with one copy where its elements lie together.
///
/// What cannot be made a tensor is kept as a failure: other checks of the request come first.
package struct PredictInputs: WireRequest {
    /// `nil` when the request has none.
    let spec: Tensorflow_Serving_ModelSpec?
    let tensors: [String: Result<Tensor, TensorProtoError>]
    let outputFilter: [String]

    /// Reads a serialised request.
    package init(_ bytes: Span<UInt8>) throws {
        var reader = WireReader(bytes, in: 0..<bytes.count)
        var spec: Tensorflow_Serving_ModelSpec?
        var tensors: [String: Result<Tensor, TensorProtoError>] = [:]
        var outputFilter: [String] = []
        var budget = ExpansionBudget()
        while let field = try reader.nextField() {
            switch field.number {
            case 1: spec = try (spec ?? .init()).merging(bytes, in: try field.bytes())
            case 2:
                let (alias, tensor) = try Self.input(bytes, in: try field.bytes(), budget: &budget)
                tensors[alias] = tensor
            case 3: outputFilter.append(try bytes.text(in: try field.bytes()))
            default: break
            }
        }
        self.spec = spec
        self.tensors = tensors
        self.outputFilter = outputFilter
    }

    /// Takes over a decoded request.
    package init(_ request: Tensorflow_Serving_PredictRequest) {
        var budget = ExpansionBudget()
        self.spec = request.hasModelSpec ? request.modelSpec : nil
        self.tensors = request.inputs.mapValues { proto in Self.decode(proto, budget: &budget) }
        self.outputFilter = request.outputFilter
    }

    /// One entry of the map of inputs: a key and a TensorProto.
    private static func input(
        _ bytes: Span<UInt8>, in range: Range<Int>, budget: inout ExpansionBudget
    ) throws -> (alias: String, tensor: Result<Tensor, TensorProtoError>) {
        var reader = WireReader(bytes, in: range)
        var alias = ""
        var value = range.upperBound..<range.upperBound
        while let field = try reader.nextField() {
            switch field.number {
            case 1: alias = try bytes.text(in: try field.bytes())
            case 2: value = try field.bytes()
            default: break
            }
        }
        if let packed = try PackedTensor(bytes, in: value) {
            do {
                return (alias, .success(try packed.tensor(bytes)))
            } catch {
                return (alias, .failure(TensorProtoError(RequestError(describing: error).message)))
            }
        }
        return (alias, Self.decode(try Tensorflow_TensorProto().merging(bytes, in: value), budget: &budget))
    }

    private static func decode(_ proto: Tensorflow_TensorProto, budget: inout ExpansionBudget) -> Result<Tensor, TensorProtoError> {
        do throws(TensorProtoError) { return .success(try Tensor(decoding: proto, budget: &budget)) } catch { return .failure(error) }
    }
}

extension Span<UInt8> {
    /// The UTF-8 text in a range, as protobuf's strings are.
    fileprivate func text(in range: Range<Int>) throws -> String {
        guard let text = String(validating: [UInt8](copying: self.extracting(range)), as: UTF8.self) else {
            throw WireError.badText(offset: range.lowerBound)
        }
        return text
    }
}
