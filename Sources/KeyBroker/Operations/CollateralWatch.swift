// SPDX-License-Identifier: Apache-2.0

import Attestation
import ByteCoding
public import Logging
public import RATLS
public import ServiceLifecycle

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Asks the collateral service at the start, until it has answered once.
///
/// A wrong address, another cloud's service or a clock that is off would else be told by the first refusal. Without an answer the broker is not ready, unless it holds
/// collateral on disk. Later outages change nothing: what is held goes on to serve, and each refusal says why.
public struct CollateralWatch: Service {
    private static let condition = "collateral"
    private static let delays = (first: Duration.seconds(1), longest: Duration.seconds(60))

    private let service: CollateralServiceAddress
    private let transport: any CollateralTransport
    private let store: CollateralStore?
    private let readiness: Readiness
    private let logger: Logger
    private let clock: @Sendable () -> Date

    /// Prepares, and holds readiness back from now on.
    ///
    /// * `transport`: asks the service.
    /// * `store`: where collateral may be held on disk.
    /// * `clock`: what time it is.
    public init(
        _ service: CollateralServiceAddress, transport: any CollateralTransport, store: CollateralStore?, readiness: Readiness, logger: Logger,
        clock: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.service = service
        self.transport = transport
        self.store = store
        self.readiness = readiness
        self.logger = logger
        self.clock = clock
        readiness.wait(for: Self.condition, because: "the collateral service has not answered yet")
    }

    /// Asks until there is an answer, then waits to be shut down.
    public func run() async throws {
        await cancelWhenGracefulShutdown { await self.ask() }
        try? await gracefulShutdown()
    }

    private func ask() async {
        if let store, await !store.loadAll().entries.isEmpty { self.readiness.settle(Self.condition) }
        var delay = Self.delays.first
        var told: [DoctorCheck] = []
        while !Task.isCancelled {
            let checks = await CollateralServiceDoctor(self.service, transport: self.transport, clock: self.clock).examine()
            // What failed because the broker ends says nothing about the service.
            guard !Task.isCancelled else { return }
            for check in checks where !told.contains(check) { self.tell(check) }
            told = checks
            guard let fault = checks.first(where: { $0.status == .bad }) else { return self.readiness.settle(Self.condition) }
            self.readiness.explain(Self.condition, "\(fault.found)\(fault.remedy.map { "; what to do: \($0)" } ?? "")")
            // A sleep that is cancelled means the end.
            guard (try? await Task.sleep(for: delay)) != nil else { return }
            delay = min(delay * 2, Self.delays.longest)
        }
    }

    private func tell(_ check: DoctorCheck) {
        let metadata: Logger.Metadata = ["check": "\(check.name)", "remedy": "\(check.remedy ?? "")"]
        switch check.status {
        case .good: self.logger.debug("\(check.found)", metadata: ["check": "\(check.name)"])
        case .warning: self.logger.warning("\(check.found)", metadata: metadata)
        case .bad: self.logger.error("\(check.found)", metadata: metadata)
        }
    }
}
