// SPDX-License-Identifier: Apache-2.0

import SavedModels
import SwiftProtobuf
package import TensorFlowProtos
import TensorFlowRuntime

extension Inference {
    /// One task of a MultiInference request, checked.
    private struct Task {
        enum Kind {
            case classify(ClassificationSignature)
            case regress(RegressionSignature)
        }

        let key: String
        let kind: Kind

        var signature: any ExampleSignature {
            switch self.kind {
            case .classify(let signature): signature
            case .regress(let signature): signature
            }
        }
    }

    /// Answers a MultiInference request: all its tasks in one run of the session.
    package func multiInference(_ request: MultipleInferenceRequest) async throws(RequestError) -> Tensorflow_Serving_MultiInferenceResponse {
        let tasks = try self.tasks(of: request)
        let tensors = try await self.run(request.input, tasks.map(\.signature), api: .multiInference)
        var response = Tensorflow_Serving_MultiInferenceResponse()
        for task in tasks {
            var result = Tensorflow_Serving_InferenceResult()
            result.modelSpec = Tensorflow_Serving_ModelSpec(answeredBy: self.model, signature: task.key)
            switch task.kind {
            case .classify(let signature): result.classificationResult = try signature.result(of: tensors, count: request.input.count)
            case .regress(let signature): result.regressionResult = try signature.result(of: tensors, count: request.input.count)
            }
            response.results.append(result)
        }
        return response
    }

    /// Checks the tasks, in TensorFlow Serving's order and words.
    private func tasks(of request: MultipleInferenceRequest) throws(RequestError) -> [Task] {
        var tasks: [Task] = []
        let name = request.tasks.first?.modelSpec.name ?? ""
        for task in request.tasks {
            guard !task.modelSpec.name.isEmpty else { throw RequestError(.invalidArgument, "Found ModelSpec with an empty model name.") }
            guard task.modelSpec.name == name else {
                throw RequestError(.invalidArgument, "All ModelSpecs in a MultiInferenceRequest must access the same model name.")
            }
            let key = Self.signatureKey(task.modelSpec)
            guard !tasks.contains(where: { $0.key == key }) else {
                throw RequestError(.invalidArgument, "Duplicate evaluation of signature: \(key)")
            }
            guard let signature = self.model.signatures[key] else {
                throw RequestError(.invalidArgument, "Requested signature not found in model graph: \(key)")
            }
            tasks.append(Task(key: key, kind: try self.kind(of: task, signature)))
        }
        return tasks
    }

    private func kind(of task: Tensorflow_Serving_InferenceTask, _ signature: Tensorflow_SignatureDef) throws(RequestError) -> Task.Kind {
        switch task.methodName {
        case Signature.Method.classify: .classify(try ClassificationSignature(signature, checksMethodName: self.options.checksMethodName))
        case Signature.Method.regress: .regress(try RegressionSignature(signature, checksMethodName: self.options.checksMethodName))
        default: throw RequestError(.unimplemented, "Unsupported signature method_name: \(task.methodName)")
        }
    }
}
