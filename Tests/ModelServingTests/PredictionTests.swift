// SPDX-License-Identifier: Apache-2.0

import Foundation
import ModelServing
import SwiftProtobuf
import TensorFlowProtos
import Testing

@Suite("The checks of a Predict request")
struct PredictionTests {
    /// A signature with the inputs a and b, of which `defaults` may be left out, and the outputs y and z.
    private static func signature(defaults: [String] = []) -> Tensorflow_SignatureDef {
        .with {
            for name in ["a", "b"] { $0.inputs[name] = .with { $0.name = "\(name):0" } }
            for name in ["y", "z"] { $0.outputs[name] = .with { $0.name = "\(name):0" } }
            for name in defaults { $0.defaults[name] = Self.one }
        }
    }

    private static let one = Tensorflow_TensorProto.with {
        $0.dtype = .dtFloat
        $0.floatVal = [1]
    }

    private static func request(_ inputs: [String], filter: [String] = []) -> Tensorflow_Serving_PredictRequest {
        .with {
            for name in inputs { $0.inputs[name] = Self.one }
            $0.outputFilter = filter
        }
    }

    @Test("all inputs are fed and all outputs fetched, by the graph's names")
    func all() throws {
        let prediction = try Prediction(PredictInputs(Self.request(["a", "b"])), signature: Self.signature())
        #expect(prediction.feeds.map(\.name) == ["a:0", "b:0"])
        #expect(prediction.fetches.map(\.name) == ["y:0", "z:0"])
    }

    @Test("a filter fetches what it names, in its order")
    func filter() throws {
        #expect(try Prediction(PredictInputs(Self.request(["a", "b"], filter: ["z"])), signature: Self.signature()).fetches.map(\.alias) == ["z"])
        let both = try Prediction(PredictInputs(Self.request(["a", "b"], filter: ["z", "y"])), signature: Self.signature())
        #expect(both.fetches.map(\.alias) == ["z", "y"])
    }

    @Test("an input with a default may be left out")
    func defaults() throws {
        let prediction = try Prediction(PredictInputs(Self.request(["a"])), signature: Self.signature(defaults: ["b"]))
        #expect(prediction.feeds.map(\.name) == ["a:0", "b:0"])
    }

    @Test(
        "what does not fit is refused in TensorFlow Serving's words",
        arguments: [
            ([], [], [], "input size does not match signature: 0!=2 len({}) != len({a,b}). Sent extra: {}. Missing but required: {a,b}."),
            (["a"], [], [], "input size does not match signature: 1!=2 len({a}) != len({a,b}). Sent extra: {}. Missing but required: {b}."),
            (
                ["a", "b", "c"], [], [],
                "input size does not match signature: 3!=2 len({a,b,c}) != len({a,b}). Sent extra: {c}. Missing but required: {}."
            ),
            (
                ["a", "c"], [], [],
                "Signature input alias: b(feed name: b:0) not found in request and no default value provided. "
                    + "Inputs expected to be in the request {a,c}, or default input alias set: "
            ),
            (["a", "c"], [], ["b"], "Inputs contains invalid name. Used request inputs: a, request input: a,c"),
            (["a", "b"], ["q"], [], "output tensor alias not found in signature: q Outputs expected to be in the set {y,z}."),
            (["a", "b"], ["y", "y"], [], "duplicate output tensor alias: y"),
        ] as [([String], [String], [String], String)])
    func refused(inputs: [String], filter: [String], defaults: [String], message: String) {
        let error = #expect(throws: RequestError.self) {
            try Prediction(PredictInputs(Self.request(inputs, filter: filter)), signature: Self.signature(defaults: defaults))
        }
        #expect(error == RequestError(.invalidArgument, message))
    }

    @Test("a tensor that cannot be parsed is refused before the outputs are looked at")
    func parsing() {
        var request = Self.request(["a", "b"], filter: ["q"])
        request.inputs["b"]?.dtype = .dtInvalid
        let error = #expect(throws: RequestError.self) { try Prediction(PredictInputs(request), signature: Self.signature()) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.hasPrefix("tensor parsing error: b") == true)
    }

    @Test("a message longer than 1024 bytes is cut for gRPC")
    func truncation() {
        let message = RequestError(.invalidArgument, String(repeating: "x", count: 1025)).rpcErrorMessage
        #expect(message == String(repeating: "x", count: 1024) + "...TRUNCATED")
        #expect(RequestError(.invalidArgument, String(repeating: "x", count: 1024)).rpcErrorMessage.utf8.count == 1024)
    }
}

@Suite("Which model a request is for")
struct ModelSelectionTests {
    @Test("name, version and signature are taken; version 0 is a version, and an empty signature the default one")
    func selection() throws {
        let plain = try ModelSelection(.with { $0.name = "m" })
        #expect(plain.version == .latest)
        #expect(plain.signature == "serving_default")
        let full = try ModelSelection(
            .with {
                $0.name = "m"
                $0.version = Google_Protobuf_Int64Value(0)
                $0.signatureName = "s"
            })
        #expect(full.version == .number(0))
        #expect(full.signature == "s")
    }

    @Test("no spec and no name are refused in TensorFlow Serving's words, a label is passed on")
    func refused() {
        #expect(throws: RequestError(.invalidArgument, "Missing ModelSpec")) { try ModelSelection(nil) }
        #expect(throws: RequestError(.invalidArgument, "ModelSpec has no name specified.")) { try ModelSelection(.init()) }
        let labelled = try? ModelSelection(
            .with {
                $0.name = "m"
                $0.versionLabel = "stable"
            })
        #expect(labelled?.version == .label("stable"))
    }
}
