// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ModelServing

@Suite("Metrics")
struct MetricsTests {
    @Test("counters are written as TensorFlow Serving writes them")
    func counters() {
        let counter = Counter("/tensorflow/serving/request_count", labels: ["model_name", "status"])
        counter.add(1, "m", "OK")
        counter.add(2, "a\"b\\c", "NOT_FOUND")
        counter.add(1, "m", "OK")
        let bare = Counter("/tensorflow/serving/batching_session/wrapped_run_count", labels: [])
        bare.add(7)
        #expect(
            MetricText.page([counter, bare]) == """
                # TYPE :tensorflow:serving:batching_session:wrapped_run_count counter
                :tensorflow:serving:batching_session:wrapped_run_count{} 7
                # TYPE :tensorflow:serving:request_count counter
                :tensorflow:serving:request_count{model_name="a\\"b\\\\c",status="NOT_FOUND"} 2
                :tensorflow:serving:request_count{model_name="m",status="OK"} 2

                """)
        #expect(counter.total == 4)
    }

    @Test("histograms count up through their buckets; a value belongs to the first limit that it does not exceed")
    func histograms() {
        let histogram = Histogram("/h", labels: ["x"], buckets: .init(scale: 10, growth: 1.8, count: 3))
        for value in [10.0, 10.1, 18, 1000] { histogram.observe(value, "a") }
        #expect(
            MetricText.page([histogram]) == """
                # TYPE :h histogram
                :h_bucket{x="a",le="10"} 1
                :h_bucket{x="a",le="18"} 3
                :h_bucket{x="a",le="32.4"} 3
                :h_bucket{x="a",le="+Inf"} 4
                :h_sum{x="a"} 1038.1
                :h_count{x="a"} 4

                """)
    }

    @Test("requests are counted in the selection and the spelling of TensorFlow Serving, and a sample of them is logged without its contents")
    func requests() {
        let metrics = ServingMetrics()
        let lines = Lines()
        let recorder = RequestRecorder(metrics: metrics, logRate: { $0 == "logged" ? 0.5 : 0 }, random: { 0.4 }, log: { lines.add($0) })
        func record(_ model: String, _ api: RequestRecord.API, _ entrypoint: RequestRecord.Entrypoint, _ failure: RequestError? = nil) {
            recorder.finished(
                RequestRecord(model: model, api: api, entrypoint: entrypoint, failure: failure, duration: .milliseconds(2), exampleCount: 3))
        }
        record("m", .predict, .grpc)
        record("m", .predict, .rest)
        record("m", .status, .rest)
        record("m", .status, .grpc)
        record("m", .multiInference, .grpc)
        record("logged", .classify, .grpc, RequestError(.notFound, "Servable not found"))
        #expect(metrics.requestCount.value("m", "OK") == 3)
        #expect(metrics.requestCount.value("logged", "NOT_FOUND") == 1)
        #expect(metrics.requestLatency.count("m", "Predict", "GRPC") == 1)
        #expect(metrics.requestLatency.count("m", "predict", "REST") == 1)
        #expect(metrics.requestLatency.count("m", "", "REST") == 1)
        #expect(metrics.exampleCountTotal.value("m") == 3)
        #expect(lines.all == ["request model=logged api=Classify entrypoint=GRPC status=NOT_FOUND ms=2.0"])
    }
}
