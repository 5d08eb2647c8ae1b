// SPDX-License-Identifier: Apache-2.0

public import Attestation
public import Logging
public import ServiceLifecycle

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Tells when a newer TCB evaluation will judge the platforms that secrets are released to otherwise than today.
///
/// The answer is the metric `tcb_change_days` and, while a change is ahead, a line in the log. It changes no decision.
public struct TCBForecastService: Service {
    /// How a platform will be judged.
    public typealias Forecaster = @Sendable (Quote) async throws -> StatusForecast

    /// Age from which a forecast is made anew, and after which a failed one is tried again, in seconds.
    private static let age = (forecast: 43_200.0, failure: 3600.0)

    private let metrics: BrokerMetrics
    private let logger: Logger
    private let interval: Duration
    private let clock: @Sendable () -> Date
    private let forecast: Forecaster

    /// Makes a service.
    ///
    /// * `metrics`: where platforms come from and the answer goes to.
    /// * `interval`: how often new platforms are looked for.
    /// * `clock`: what time it is.
    /// * `forecast`: asks the collateral service.
    public init(
        metrics: BrokerMetrics, logger: Logger, interval: Duration = .seconds(60), clock: @escaping @Sendable () -> Date = { Date() },
        forecast: @escaping Forecaster
    ) {
        self.metrics = metrics
        self.logger = logger
        self.interval = interval
        self.clock = clock
        self.forecast = forecast
    }

    /// Looks ahead until it is cancelled or told to shut down.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            var state = State()
            // A sleep that is cancelled means the end.
            while (try? await Task.sleep(for: self.interval)) != nil { await self.update(&state) }
        }
    }

    /// What is known, and when to ask again.
    private struct State {
        var changes: [CollateralKey: Date?] = [:]
        var due: [CollateralKey: Date] = [:]
    }

    /// Asks for the platforms whose turn it is.
    private func update(_ state: inout State) async {
        for (key, quote) in self.metrics.platforms.all where state.due[key].map({ $0 <= self.clock() }) ?? true {
            do {
                let change = try await self.forecast(quote).nextChange
                state.changes[key] = .some(change?.standardFrom)
                state.due[key] = self.clock().addingTimeInterval(Self.age.forecast)
                if let change { self.tell(change, about: key) }
            } catch {
                state.due[key] = self.clock().addingTimeInterval(Self.age.failure)
                self.logger.warning("no forecast of the TCB status", metadata: Logger.metadata(of: error).merging(["platform": "\(key)"]) { $1 })
            }
        }
        self.metrics.note(state.changes)
    }

    private func tell(_ change: StatusForecast.Step, about key: CollateralKey) {
        self.logger.warning(
            "platforms will be judged otherwise",
            metadata: [
                "platform": "\(key)", "from": "\(change.standardFrom?.formatted(.iso8601) ?? "")",
                "status": "\(change.status.map { "\($0)" } ?? "refused")", "advisories": "\(change.advisoryIDs.joined(separator: " "))",
                "remedy": "update BIOS, microcode and quoting enclave before that day, or write a waiver",
            ])
    }
}
