// SPDX-License-Identifier: Apache-2.0

import Foundation
import SwiftProtobuf
import Testing

@testable import ModelServing

@Suite("What server reflection knows")
struct DescriptorRegistryTests {
    private func names(_ files: [Data]?) throws -> [String]? {
        try files.map { try $0.map { try Google_Protobuf_FileDescriptorProto(serializedBytes: $0).name } }
    }

    @Test("all services are listed")
    func services() throws {
        #expect(
            try DescriptorRegistry().services == [
                "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", "tensorflow.serving.ModelService",
                "tensorflow.serving.PredictionService",
            ])
    }

    @Test(
        "a symbol leads to the file that declares it and all that this imports",
        arguments: [
            ("tensorflow.serving.PredictionService", "tensorflow_serving/apis/prediction_service.proto"),
            ("tensorflow.serving.PredictionService.Predict", "tensorflow_serving/apis/prediction_service.proto"),
            ("tensorflow.TensorProto", "tensorflow/core/framework/tensor.proto"),
            ("tensorflow.serving.ModelVersionStatus.State", "tensorflow_serving/apis/get_model_status.proto"),
            ("tensorflow.DataType", "tensorflow/core/framework/types.proto"),
        ])
    func symbols(symbol: String, file: String) throws {
        let registry = try DescriptorRegistry()
        let names = try #require(try self.names(registry.files(declaring: symbol)))
        #expect(names.first == file)
        #expect(Set(names).count == names.count)
    }

    @Test("a file comes with its imports, and an unknown one not at all")
    func files() throws {
        let registry = try DescriptorRegistry()
        let names = try #require(try self.names(registry.files(of: "tensorflow_serving/apis/model.proto")))
        #expect(names == ["tensorflow_serving/apis/model.proto", "google/protobuf/wrappers.proto"])
        #expect(registry.files(of: "nope.proto") == nil)
        #expect(registry.files(declaring: "tensorflow.Nope") == nil)
    }
}
