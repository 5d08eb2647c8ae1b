// SPDX-License-Identifier: Apache-2.0

import NIOHTTP1

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The pages for those who run the server: is it alive, is it ready and why not, what does it measure.
struct OperationsPages: Sendable {
    let repository: ModelRepository
    let metrics: ServingMetrics

    /// The pages by path; the metrics are at `metricsPath`, or nowhere.
    func pages(metricsPath: String?) -> [String: HTTPRouter.Page] {
        var pages: [String: HTTPRouter.Page] = ["/healthz": { .text("ok\n") }, "/readyz": { self.readyPage }]
        if let metricsPath { pages[metricsPath] = { .text(self.metrics.page) } }
        return pages
    }

    private struct Document: Encodable {
        struct Model: Encodable {
            let name: String
            let ready: Bool
            let version: Int64?
            let reason: String?
        }

        let ready: Bool
        let reason: String?
        let models: [Model]
    }

    private var readyPage: HTTPPage {
        let readiness = self.repository.readiness
        let isReady = readiness.isReady && !self.repository.isDraining
        let document = Document(
            ready: isReady, reason: self.repository.isDraining ? "the server is shutting down" : readiness.obstacle,
            models: readiness.models.map { .init(name: $0.name, ready: $0.version != nil, version: $0.version, reason: $0.reason) })
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        // Texts and numbers can always be encoded.
        let body = (try? encoder.encode(document)).map { Array($0) } ?? []
        return HTTPPage(status: isReady ? .ok : .serviceUnavailable, contentType: "application/json", body: body + [UInt8(ascii: "\n")])
    }
}
