// SPDX-License-Identifier: Apache-2.0

import SavedModels
import TestSupport
import Testing

@Suite("Reading SavedModels")
struct SavedModelTests {
    private static let present = SharedVectors.modelExists("tf-serving")

    private func read(_ name: String) throws -> SavedModel {
        let versions = try ModelFolder(path: SharedVectors.model("tf-serving/\(name)")).versions()
        return try #require(versions.first).folder.read()
    }

    @Test("half_plus_two has its signatures", .enabled(if: Self.present))
    func halfPlusTwo() throws {
        let model = try read("half_plus_two_cpu")
        #expect(model.tags == ["serve"])
        #expect(model.tensorFlowVersion == "1.14.0")
        #expect(model.hasSaver)
        #expect(model.assetNames == ["foo.txt"])
        #expect(Set(model.signatures.keys) == ["serving_default", "regress_x_to_y", "regress_x_to_y2", "regress_x2_to_y3", "classify_x_to_y"])
        let predict = try #require(model.signatures[Signature.defaultKey])
        #expect(predict.methodName == Signature.Method.predict)
        #expect(predict.inputs == ["x": TensorInfo(name: "x:0", dataType: .float, shape: TensorShape([-1, 1]))])
        #expect(predict.outputs == ["y": TensorInfo(name: "y:0", dataType: .float, shape: TensorShape([-1, 1]))])
        let classify = try #require(model.signatures["classify_x_to_y"])
        #expect(classify.methodName == Signature.Method.classify)
        #expect(classify.inputs["inputs"]?.dataType == .string)
        #expect(Set(classify.outputs.keys) == ["scores"])
    }

    @Test("types and ranks of other models are as their makers wrote them", .enabled(if: Self.present))
    func others() throws {
        let counter = try read("counter")
        #expect(counter.signatures["incr_counter_by"]?.inputs["delta"]?.dataType == .float)
        #expect(counter.signatures["get_counter"]?.inputs.isEmpty == true)
        #expect(counter.signatures["get_counter"]?.outputs["output"]?.dataType.name == "DT_FLOAT_REF")
        #expect(counter.signatures["get_counter"]?.outputs["output"]?.dataType.base == .float)
        #expect(try read("half_plus_two_mlmd").signatures["serving_default"]?.inputs["x"]?.shape == .unknownRank)
        // Its signature has no shape message at all, and the model takes any shape.
        #expect(try read("half_plus_three").signatures["serving_default"]?.inputs["x"]?.shape == .unknownRank)
        #expect(try read("matrix_half_plus_two").signatures["serving_default"]?.inputs["x"]?.shape == TensorShape([-1, 3, 3]))
        let second = try read("half_plus_two_tf2_cpu")
        #expect(second.signatures["serving_default"]?.inputs["x"]?.name == "serving_default_x:0")
        #expect(second.tensorFlowVersion == "2.14.0")
    }

    @Test("versions are numbers, oldest first, and other folders are passed over", .enabled(if: Self.present))
    func versions() throws {
        let versions = try ModelFolder(path: SharedVectors.model("tf-serving/half_plus_two_2_versions")).versions()
        #expect(versions.map(\.number) == [123, 124])
        #expect(versions.map(\.name) == ["00000123", "00000124"])
        let failure = #expect(throws: SavedModelError.self) { try ModelFolder(path: SharedVectors.model("tf-serving/metadata")).versions() }
        #expect(failure?.code == .noVersions)
    }

    @Test(
        "only decimal digits name a version",
        arguments: [("1", 1), ("00000123", 123), ("0", 0), ("", nil), ("-1", nil), ("+1", nil), ("1a", nil), ("99999999999999999999", nil)])
    func versionNames(name: String, number: Int64?) {
        #expect(ModelFolder.versionNumber(name) == number)
    }

    @Test("forms that are not read are told by name", arguments: ["saved_model.pbtxt", "saved_model.cpb"])
    func otherForms(name: String) throws {
        let scratch = try ScratchFolder()
        try scratch.write([1], to: "m/1/\(name)")
        let failure = #expect(throws: SavedModelError.self) { try SavedModelFolder(path: scratch.file("m/1")).read() }
        #expect(failure?.code == .unsupportedForm)
        #expect(failure?.message.contains(name) == true)
    }

    @Test("what TensorFlow lacks, refuses or cannot compute is told of each operation")
    func operations() throws {
        let scratch = try ScratchFolder()
        let nodes = [
            SmallGraph.placeholder("x"), SmallGraph.constant("w", [1], shape: [3, 3]), SmallGraph.float("m", "MatMul", ["x", "w"]),
            SmallGraph.float("s", "Add", ["m", "m"]), SmallGraph.float("y", "Softplus", ["s"]),
        ]
        for (producer, refused) in [(Int32(1882), [String]()), (2000, ["Add"])] {
            let model = try ConvertedModel(
                decoding: try SmallGraph.graph(nodes, producer: producer), options: ConversionOptions(outputs: [TensorSelection(tensor: "y")]))
            try model.write(to: scratch.file("m"), version: Int64(producer), replacing: false)
            let shown = try #require(try ModelFolder.inspect(scratch.file("m/\(producer)"), tensorFlow: ("2.0", EverydayOperations())).first)
            #expect(shown.tensorFlow?.missingOperations == ["Softplus"])
            #expect(shown.tensorFlow?.refusedOperations == refused)
            #expect(shown.tensorFlow?.operationsWithoutKernel == ["MatMul"])
            #expect(shown.description.contains("TensorFlow 2.0: does not know Softplus"))
            #expect(shown.description.contains("refuses in a graph of this version Add") == !refused.isEmpty)
        }
    }

    @Test("a folder without a model, and tags that are not there, are told")
    func absence() throws {
        let scratch = try ScratchFolder()
        #expect(#expect(throws: SavedModelError.self) { try SavedModelFolder(path: scratch.path).read() }?.code == .noSavedModel)
        #expect(#expect(throws: SavedModelError.self) { try SavedModel(decoding: []) }?.code == .noSuchTags)
        // A meta graph with the tags {serve, gpu}.
        let gpu: [UInt8] = [0x12, 0x0e, 0x0a, 0x0c, 0x22, 0x05] + Array("serve".utf8) + [0x22, 0x03] + Array("gpu".utf8)
        #expect(#expect(throws: SavedModelError.self) { try SavedModel(decoding: gpu) }?.code == .noSuchTags)
        #expect(try SavedModel(decoding: gpu, tags: ["gpu", "serve"]).signatures.isEmpty)
    }

    @Test(
        "malformed bytes are no SavedModel",
        arguments: [
            [0x12, 0x05], [0x00, 0x00], [0x0b], [0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
            [0x08] + [UInt8](repeating: 0x80, count: 10),
            [0x12, 0x02, 0x08, 0x01], [0x0a, 0x01, 0x41],
        ])
    func malformed(bytes: [UInt8]) {
        #expect(#expect(throws: SavedModelError.self) { try SavedModel(decoding: bytes) }?.code == .notASavedModel)
    }
}
