// SPDX-License-Identifier: Apache-2.0

import Foundation
import ModelClient
import SavedModels
import SwiftProtobuf
import TensorFlowProtos
import TestSupport

@testable import ModelServing

/// A folder of versions that tests put together from TensorFlow Serving's models.
struct VersionsFixture {
    static let isAvailable = TensorFlowSetUp.isThere && SharedVectors.modelExists("tf-serving/half_plus_two_2_versions")

    /// An input, which gives 2.5, 3 and 4.5.
    static let x = ["x": TensorValue(floats: [1, 2, 5], shape: [3, 1])]

    let server: ServerFixture
    var base: String { self.server.scratch.file("models/half") }

    init() throws {
        self.server = try ServerFixture()
        try self.add(123)
    }

    /// Adds a version that computes x / 2 + 2, complete from one moment to the next as TensorFlow Serving wants it.
    func add(_ version: Int, from model: String = "half_plus_two_2_versions/00000123") throws {
        let manager = FileManager.default
        try manager.createDirectory(atPath: self.base, withIntermediateDirectories: true)
        let temporary = self.server.scratch.file("new-\(version)")
        try manager.copyItem(atPath: SharedVectors.model("tf-serving/\(model)"), toPath: temporary)
        try manager.moveItem(atPath: temporary, toPath: "\(self.base)/\(version)")
    }

    func remove(_ version: Int) throws { try FileManager.default.removeItem(atPath: "\(self.base)/\(version)") }

    /// Writes warm-up requests into a version.
    func write(warmUp logs: [Tensorflow_Serving_PredictionLog], to version: Int) throws {
        let records = try logs.flatMap { TFRecordTests.record(try $0.serializedBytes()) }
        try self.server.scratch.write(records, to: "models/half/\(version)/\(WarmUp.fileName)")
    }

    var options: ServingOptions {
        var options = self.server.options
        options.models = .single(name: "half", basePath: self.base)
        options.sslConfigurationFile = nil
        // Looked at when a test says so.
        options.filePollInterval = .zero
        options.loadRetries = 0
        options.endsOnFailure = false
        return options
    }

    /// Why a server does not start.
    func failure(of options: ServingOptions) async -> (any Error)? {
        do {
            try await self.asking(options) { _, _ in }
            return nil
        } catch {
            return error
        }
    }

    /// Runs a server and a client of it.
    func asking(
        _ options: ServingOptions, _ body: @escaping @Sendable (ModelClient, ServingService) async throws -> Void
    ) async throws {
        try await self.server.serving(options) { ports, service in
            let configuration = ModelClientConfiguration(host: "127.0.0.1", port: ports.grpc, security: nil)
            try await ModelClient.withConnection(configuration) { client in try await body(client, service) }
        }
    }
}
