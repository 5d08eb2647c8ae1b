// SPDX-License-Identifier: Apache-2.0

import TensorFlowRuntime
import TestSupport

@testable import ModelServing

/// TensorFlow Serving's test models, loaded once for all tests, under the names that the REST cases use.
enum ServedModels {
    static let areThere = TensorFlowSetUp.isThere && SharedVectors.modelExists("tf-serving/half_plus_two_cpu")

    private static let folders: [(name: String, folder: String, labels: [String: Int64])] = [
        ("half_plus_two", "half_plus_two_cpu", [:]),
        ("half_plus_three", "half_plus_three", [:]),
        ("two_versions", "half_plus_two_2_versions", ["stable": 123, "canary": 124]),
        ("matrix", "matrix_half_plus_two", [:]),
        ("tf2", "half_plus_two_tf2_cpu", [:]),
        ("counter", "counter", [:]),
        ("a b/c:d", "half_plus_two_cpu", [:]),
    ]

    private static let loading = Task { try await Self.load() }

    /// A repository in which all of them are available.
    static var repository: ModelRepository {
        get async throws { try await Self.loading.value }
    }

    private static func load() async throws -> ModelRepository {
        let repository = ModelRepository()
        let loader = ModelLoader(
            library: try TensorFlowLibrary.load(), session: SessionOptions(), keys: nil,
            sealed: SealedModels(mountPath: nil, manifests: [], log: { _ in }), batching: nil, warmUp: nil, admission: Admission(),
            metrics: ServingMetrics())
        let models = Self.folders.map { name, folder, labels in
            var model = ServedModel(name: name, basePath: SharedVectors.model("tf-serving/\(folder)"))
            model.labels = labels
            return model
        }
        repository.want(models)
        for model in models {
            for version in try ServableFolder(path: model.basePath).versions {
                let loaded = try await loader.load(model, version)
                repository.set(.available, loaded: loaded, of: model.name, version: version.number)
            }
        }
        repository.setStarted()
        return repository
    }
}
