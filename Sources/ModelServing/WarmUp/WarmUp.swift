// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import SwiftProtobuf
import TensorFlowProtos

/// Runs the requests that a version brings along, so that the first clients do not wait for what a first run has to prepare.
struct WarmUp {
    /// How versions are warmed up.
    struct Options: Hashable, Sendable {
        /// How often each request is run.
        var iterations = 1

        /// Runs the version's requests before it is available.
        ///
        /// A file that is not there is no failure.
        ///
        /// - Throws: why a request failed, or the file cannot be read; the version is then not to be served.
        func run(_ model: LoadedModel, _ files: VersionFiles, path: String, metrics: ServingMetrics) async throws {
            guard let records = try await files.read(WarmUp.fileName) else { return }
            try await WarmUp(inference: Inference(model), options: self, path: path, metrics: metrics).run(records)
        }
    }

    static let fileName = "assets.extra/tf_serving_warmup_requests"
    /// The most records that a file may have.
    static let maximumRecords = 1000

    let inference: Inference
    let options: Options
    /// The version's folder, for messages and metrics.
    let path: String
    let metrics: ServingMetrics

    private func run(_ bytes: [UInt8]) async throws {
        do {
            for (index, log) in try Self.logs(in: bytes).enumerated() {
                guard index < Self.maximumRecords else {
                    throw RequestError(
                        .invalidArgument,
                        "Number of warmup records exceeds the maximum (\(Self.maximumRecords)) at \(self.path)/\(WarmUp.fileName)")
                }
                // Records without a request are allowed, and nothing is run for them.
                guard log.logType != nil else { continue }
                for _ in 0..<self.options.iterations { try await self.measured { try await self.run(log) } }
                self.metrics.warmUpRecords.add(1, self.path, "OK")
            }
        } catch {
            self.metrics.warmUpRecords.add(1, self.path, RequestError(describing: error).statusText)
            throw error
        }
    }

    private func measured(_ body: () async throws -> Void) async throws {
        let start = ContinuousClock.now
        do {
            try await body()
            self.metrics.warmUpLatency.observe(ContinuousClock.now - start, self.path, "OK")
        } catch {
            self.metrics.warmUpLatency.observe(ContinuousClock.now - start, self.path, RequestError(describing: error).statusText)
            throw error
        }
    }

    /// The records up to the first that is one too many.
    private static func logs(in bytes: [UInt8]) throws -> [Tensorflow_Serving_PredictionLog] {
        var reader = TFRecordReader(bytes.span)
        var logs: [Tensorflow_Serving_PredictionLog] = []
        while logs.count <= Self.maximumRecords, let record = try reader.next() {
            do {
                logs.append(try Tensorflow_Serving_PredictionLog(serializedBytes: [UInt8](copying: record)))
            } catch {
                throw RequestError(.invalidArgument, "Failed to parse warmup record: \(error)")
            }
        }
        return logs
    }

    /// Runs the request of one record; which model and version it names does not count.
    private func run(_ log: Tensorflow_Serving_PredictionLog) async throws {
        switch log.logType {
        case .predictLog(let log): _ = try await self.inference.predict(PredictInputs(log.request))
        case .classifyLog(let log): _ = try await self.inference.classify(try SingleInferenceRequest(log.request))
        case .regressLog(let log): _ = try await self.inference.regress(try SingleInferenceRequest(log.request))
        case .multiInferenceLog(let log): _ = try await self.inference.multiInference(try MultipleInferenceRequest(log.request))
        case .sessionRunLog: throw RequestError(.unimplemented, "Unsupported log_type for warmup: 5")
        case .predictStreamedLog: throw RequestError(.unimplemented, "Unsupported log_type for warmup: 7")
        case nil: break
        }
    }
}
