// SPDX-License-Identifier: Apache-2.0

import NIOHTTP1
import Synchronization
import Testing

@testable import ModelServing

@Suite("Compressed bodies of requests")
struct CompressedBodyTests {
    private final class Records: RequestObserver {
        private let records = Mutex<[RequestRecord]>([])

        var all: [RequestRecord] { self.records.withLock { $0 } }

        func finished(_ record: RequestRecord) { self.records.withLock { $0.append(record) } }
    }

    @Test(
        "a compressed body is looked at where a body is read, and one that is too large is recorded",
        arguments: [
            (.POST, "/v1/models/m:predict", 413, .resourceExhausted), (.POST, "/v1/models/m:classify", 413, .resourceExhausted),
            (.POST, "/v1/models/m:regress", 413, .resourceExhausted), (.GET, "/v1/models/m", 404, .notFound),
            (.GET, "/v1/models/m/metadata", 503, .unavailable), (.POST, "/v1/models/m:other", 400, nil), (.PUT, "/v1/models/m:predict", 400, nil),
        ] as [(HTTPMethod, String, Int, RequestError.Code?)])
    func compressedBody(method: HTTPMethod, target: String, status: Int, recorded: RequestError.Code?) async {
        let records = Records()
        let api = RESTAPI(repository: ModelRepository(), observer: records)
        let body = GzipTests.compress([UInt8](repeating: 0x20, count: 1000))
        let page = await api.answer(
            HTTPRequest(method: method, target: target, headers: ["Content-Encoding": "gzip"], body: body, bodyLimit: 999))
        #expect(page.status.code == status, "\(String(decoding: page.body, as: UTF8.self))")
        #expect(records.all.map(\.failure?.code) == (recorded.map { [$0] } ?? []))
    }
}
