// SPDX-License-Identifier: Apache-2.0

import Attestation
import Foundation

/// A forecast of one platform in words.
enum StatusForecastText {
    static func text(_ forecast: StatusForecast) -> String {
        var lines = ["now              evaluation \(forecast.present.evaluationDataNumber): \(self.finding(forecast.present))"]
        for step in forecast.upcoming {
            lines.append("from \(self.day(step.standardFrom))  evaluation \(step.evaluationDataNumber): \(self.finding(step))")
        }
        guard let change = forecast.nextChange else {
            let reason = forecast.upcoming.isEmpty ? "no later edition is out" : "the editions that are out say the same"
            return (lines + ["", "no change is known: \(reason)"]).joined(separator: "\n")
        }
        lines += ["", "changes on \(self.day(change.standardFrom)): \(self.finding(forecast.present)) -> \(self.finding(change))"]
        if let failure = change.failure { lines.append("what to do: \(failure.remedy ?? "see the failed check")") }
        if change.status.map({ $0 != .upToDate }) == true {
            lines.append("what to do: update BIOS and microcode of the platform before that day, let it fetch a new PCK certificate, and quote again")
        }
        return lines.joined(separator: "\n")
    }

    private static func finding(_ step: StatusForecast.Step) -> String {
        if let failure = step.failure, step.status != .revoked { return "REFUSED, \(failure.id) fails: found \(failure.found ?? "nothing")" }
        let advisories = step.advisoryIDs.isEmpty ? "" : " (\(step.advisoryIDs.joined(separator: ", ")))"
        return "\(step.status?.rawValue ?? "no status")\(advisories)"
    }

    static func day(_ date: Date?) -> String { date.map { String($0.formatted(.iso8601).prefix(10)) } ?? "?" }
}

/// Forecasts of a model of platforms in words.
enum LevelForecastText {
    static func text(_ forecasts: [LevelForecast], _ key: CollateralKey) -> String {
        guard !forecasts.isEmpty else { return "\(key)\nno change is known: no later edition is out" }
        return forecasts.map(Self.text).joined(separator: "\n\n")
    }

    private static func text(_ forecast: LevelForecast) -> String {
        let changes = forecast.levels.filter(\.isChange)
        let head = "from \(StatusForecastText.day(forecast.standardFrom)): evaluation \(forecast.presentNumber) -> \(forecast.upcomingNumber)"
        guard !changes.isEmpty else { return "\(head)\n  no level changes" }
        let lines = changes.map { change in
            let level = change.level
            let later = change.status.map { "\($0.rawValue) \(change.advisoryIDs.joined(separator: ", "))" } ?? "no longer supported"
            return "  level of \(StatusForecastText.day(level.date)), SGX \(level.sgxComponents), PCESVN \(level.pceSVN)"
                + "\(level.tdxComponents.map { ", TDX \($0)" } ?? ""): \(level.status.rawValue) -> \(later)"
        }
        return ([head] + lines).joined(separator: "\n")
    }
}
