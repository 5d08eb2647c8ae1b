// SPDX-License-Identifier: Apache-2.0

/// What is known of a request once it has been answered.
package struct RequestRecord: Sendable {
    /// Which call it was.
    package enum API: String, Sendable {
        case predict = "Predict"
        case classify = "Classify"
        case regress = "Regress"
        case multiInference = "MultiInference"
        case metadata = "GetModelMetadata"
        case status = "GetModelStatus"
    }

    /// Which way it came.
    package enum Entrypoint: String, Sendable {
        case grpc = "GRPC"
        case rest = "REST"
    }

    /// The model's name as the client sent it.
    package let model: String
    package let api: API
    package let entrypoint: Entrypoint
    /// Why it was refused; `nil` for one that was answered.
    package let failure: RequestError?
    package let duration: Duration
    /// How many examples it held, where it is made of examples.
    package let exampleCount: Int?
}

/// Told of each request that was answered, for metrics and logs.
package protocol RequestObserver: Sendable {
    func finished(_ record: RequestRecord)
}

/// Takes no notice.
package struct NoRequestObserver: RequestObserver {
    package init() {}
    package func finished(_ record: RequestRecord) {}
}

extension RequestObserver {
    /// Answers a request and tells of it.
    func observing<Answer>(
        _ api: RequestRecord.API, _ entrypoint: RequestRecord.Entrypoint, model: String, exampleCount: Int? = nil,
        _ body: () async throws(RequestError) -> Answer
    ) async throws(RequestError) -> Answer {
        let clock = ContinuousClock()
        let begin = clock.now
        let result: Result<Answer, RequestError>
        do throws(RequestError) { result = .success(try await body()) } catch { result = .failure(error) }
        let failure: RequestError? = if case .failure(let error) = result { error } else { nil }
        self.finished(
            RequestRecord(
                model: model, api: api, entrypoint: entrypoint, failure: failure, duration: clock.now - begin, exampleCount: exampleCount))
        return try result.get()
    }
}
