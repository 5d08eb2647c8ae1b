// SPDX-License-Identifier: Apache-2.0

import Attestation
import Foundation
import RATLS
import SimulatedTEE
import Synchronization

/// A collateral service in this process, without a network.
final class SimulatedTransport: CollateralTransport {
    let service: SimulatedCollateralService
    /// What a test changes in the answers: by URL.
    let change: @Sendable (String, CollateralResponse) -> CollateralResponse
    private let requested = Mutex<[String]>([])

    init(_ service: SimulatedCollateralService, change: @escaping @Sendable (String, CollateralResponse) -> CollateralResponse = { $1 }) {
        self.service = service
        self.change = change
    }

    /// The URLs that were asked for so far, sorted.
    var urls: [String] { self.requested.withLock { $0.sorted() } }

    func get(_ url: String, headers: [String: String], bodyLimit: Int) async throws -> CollateralResponse {
        self.requested.withLock { $0.append(url) }
        let components = URLComponents(string: url)
        let answer = try self.service.respond(
            to: SimulatedCollateralService.Request(path: components?.path ?? "", query: components?.query ?? ""), at: Samples.time)
        return self.change(url, CollateralResponse(status: answer.status, headers: answer.headers.map { ($0.key, $0.value) }, body: answer.body))
    }
}

/// What the tests of this target share.
enum Samples {
    static let time = Date(timeIntervalSince1970: 1_800_000_000)
    // swift-format-ignore: NeverUseForceTry
    static let platform = try! SimulatedPlatform.create(at: time)
    // swift-format-ignore: NeverUseForceTry
    static let address = try! CollateralServiceAddress("https://pccs.example:8081/sgx/certification/v4/")

    static func quote() async throws -> Quote {
        let bytes = try await SimulatedQuoteSource(platform: self.platform).quote(for: ReportData([UInt8](repeating: 7, count: 64))!)
        return try Quote(decoding: bytes.span)
    }
}
