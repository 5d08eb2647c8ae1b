// SPDX-License-Identifier: Apache-2.0

import Attestation
import ByteCoding
import SecretProvisioning

/// The checks that bind evidence to a challenge.
enum ChallengeChecks {
    static func fail(_ recorder: inout ReportRecorder, _ fault: ChallengeIssuer.Fault) {
        switch fault {
        case .foreign:
            recorder.fail(
                .challengeGenuine, expected: "a challenge of this broker", found: "another one", source: "challenge",
                remedy: "ask the broker that gave out the challenge: replicas have stores of their own")
        case .expired:
            recorder.pass(.challengeGenuine, source: "challenge")
            recorder.fail(
                .challengeFreshness, expected: "an answer within \(ChallengeIssuer.lifetime / 1000) s", found: "an expired challenge",
                source: "challenge", remedy: "take a new challenge; if it persists, making the quote takes too long")
        case .fromTheFuture:
            recorder.pass(.challengeGenuine, source: "challenge")
            recorder.fail(
                .challengeFreshness, expected: "a challenge that was given out by now", found: "one that the broker will give out later",
                source: "challenge", remedy: "the broker's clock was turned back: check its time synchronisation, and take a new challenge")
        }
    }

    static func binding(of quote: Quote, to binding: ReleaseBinding) -> VerificationReport {
        var recorder = ReportRecorder(plan: [.challengeBinding])
        let found = quote.reportData
        if constantTimeEquals(found.bytes.span, binding.reportData.bytes.span) {
            recorder.pass(.challengeBinding, found: found.hexString, source: "quote, report data")
        } else {
            recorder.fail(
                .challengeBinding, expected: binding.reportData.hexString, found: found.hexString, source: "quote, report data",
                remedy: "the quote was made for another challenge, key or request: have the enclave quote the one it sends")
        }
        return recorder.report()
    }

    static func unused(_ isUnused: Bool) -> VerificationReport {
        var recorder = ReportRecorder(plan: [.challengeUnused])
        if isUnused {
            recorder.pass(.challengeUnused, source: "store")
        } else {
            recorder.fail(
                .challengeUnused, expected: "a challenge that was not answered yet", found: "one that was", source: "store",
                remedy: "take a new challenge for each request; if this client did, somebody replays its messages")
        }
        return recorder.report()
    }
}
