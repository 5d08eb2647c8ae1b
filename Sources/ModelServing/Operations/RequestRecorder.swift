// SPDX-License-Identifier: Apache-2.0

/// Counts requests and logs a sample of them.
///
/// What is logged is who was asked and how it went, never what was asked or answered: both are the clients' secrets.
struct RequestRecorder: RequestObserver {
    let metrics: ServingMetrics
    /// The part of a model's requests that is logged.
    let logRate: @Sendable (_ model: String) -> Double
    /// A number from 0 up to 1, for each request a new one.
    var random: @Sendable () -> Double = { Double.random(in: 0..<1) }
    let log: @Sendable (String) -> Void

    func finished(_ record: RequestRecord) {
        let status = record.failure?.code.rawValue ?? "OK"
        self.count(record, status)
        guard self.random() < self.logRate(record.model) else { return }
        self.metrics.requestLogCount.add(1, record.model, status)
        let milliseconds = (record.duration / .microseconds(1)).rounded() / 1000
        self.log(
            "request model=\(record.model) api=\(record.api.rawValue) entrypoint=\(record.entrypoint.rawValue) status=\(status) ms=\(milliseconds)")
    }

    /// In the selection and the spelling of TensorFlow Serving.
    private func count(_ record: RequestRecord, _ status: String) {
        let isCounted = record.entrypoint == .rest || [.predict, .classify, .regress].contains(record.api)
        if isCounted { self.metrics.requestCount.add(1, record.model, status) }
        if record.failure == nil, isCounted {
            self.metrics.requestLatency.observe(record.duration, record.model, self.api(record), record.entrypoint.rawValue)
        }
        if record.api == .multiInference, let count = record.exampleCount {
            self.metrics.exampleCounts.observe(Double(count), record.model)
            self.metrics.exampleCountTotal.add(Int64(count), record.model)
        }
    }

    private func api(_ record: RequestRecord) -> String {
        guard record.entrypoint == .rest else { return record.api.rawValue }
        return [.predict, .classify, .regress].contains(record.api) ? record.api.rawValue.lowercased() : ""
    }
}
