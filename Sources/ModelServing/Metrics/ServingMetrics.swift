// SPDX-License-Identifier: Apache-2.0

/// What the server measures of itself, under TensorFlow Serving's names where it has them.
package final class ServingMetrics: Sendable {
    // MARK: Requests

    /// Requests by model, as the client named it, and by the name of the status code.
    package let requestCount = Counter("/tensorflow/serving/request_count", labels: ["model_name", "status"])
    /// Times of the requests that went well.
    package let requestLatency = Histogram(
        "/tensorflow/serving/request_latency", labels: ["model_name", "API", "entrypoint"], buckets: .microseconds)
    /// Times from a checked request to its tensors, queues included.
    package let runtimeLatency = Histogram(
        "/tensorflow/serving/runtime_latency", labels: ["model_name", "API", "runtime"], buckets: .microseconds)
    /// Examples in requests.
    package let exampleCounts = Histogram(
        "/tensorflow/serving/request_example_counts", labels: ["model"], buckets: .init(scale: 1, growth: 2, count: 15))
    package let exampleCountTotal = Counter("/tensorflow/serving/request_example_count_total", labels: ["model"])
    package let requestLogCount = Counter("/tensorflow/serving/request_log_count", labels: ["model_name", "status_code"])

    // MARK: Queues and sessions, which TensorFlow Serving does not measure apart

    /// Times that runs waited for a thread; of batches see ``batchQueuing``.
    package let queueLatency = Histogram("/sealwright/serving/queue_latency", labels: ["model_name"], buckets: .microseconds)
    /// Times of the sessions' runs alone, batches counted once.
    package let sessionRunLatency = Histogram("/sealwright/serving/session_run_latency", labels: ["model_name"], buckets: .microseconds)

    // MARK: Models

    package let loadAttempts = Counter("/tensorflow/cc/saved_model/load_attempt_count", labels: ["model_path", "status"])
    /// Microseconds spent in loading, summed up.
    package let loadLatency = Counter("/tensorflow/cc/saved_model/load_latency", labels: ["model_path"])
    package let warmUpLatency = Histogram(
        "/tensorflow/serving/model_warmup_latency", labels: ["model_path", "status"], buckets: .microseconds)
    package let warmUpRecords = Counter("/tensorflow/serving/model_warmup_records_read", labels: ["model_path", "status"])

    // MARK: Batching

    package let batchQueuing = Histogram(
        "/tensorflow/serving/batching_session/queuing_latency", labels: ["thread_pool_name"], buckets: .init(scale: 100, growth: 1.2, count: 52))
    package let batchRuns = Counter("/tensorflow/serving/batching_session/wrapped_run_count", labels: [])
    package let batchPadding = Histogram(
        "/tensorflow/serving/batching_session/padding_size", labels: ["execution_batch_size"], buckets: .init(scale: 1, growth: 2, count: 14))
    package let inputBatchSize = Histogram(
        "/tensorflow/serving/batching_session/input_batch_size", labels: [], buckets: .init(scale: 1, growth: 2, count: 14))
    package let processedBatchSize = Histogram(
        "/tensorflow/serving/batching_session/processed_batch_size", labels: [], buckets: .init(scale: 1, growth: 2, count: 14))

    package init() {}

    private var families: [any MetricFamily] {
        [
            self.requestCount, self.requestLatency, self.runtimeLatency, self.exampleCounts, self.exampleCountTotal, self.requestLogCount,
            self.queueLatency, self.sessionRunLatency, self.loadAttempts, self.loadLatency, self.warmUpLatency, self.warmUpRecords,
            self.batchQueuing, self.batchRuns, self.batchPadding, self.inputBatchSize, self.processedBatchSize,
        ]
    }

    /// Everything in Prometheus's text format, as TensorFlow Serving writes it.
    package var page: String { MetricText.page(self.families) }

    /// The sum over the cells of the counter with this name, as clients of a reload ask for it; 0 for a name that is no counter's.
    package func total(of name: String) -> Int64 {
        self.families.compactMap { $0 as? Counter }.first { $0.name == name }?.total ?? 0
    }
}
