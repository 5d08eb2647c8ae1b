// SPDX-License-Identifier: Apache-2.0

import Attestation
import ByteCoding
public import Logging
public import ServiceLifecycle
import UnixSignals

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Reads policy and certificate again when their files change, and on SIGHUP.
///
/// What cannot be read changes nothing: the old state stays in force, and the log says why.
public struct ReloadService: Service {
    /// How often files are looked at: changes are seen on every file system, and through the links that Kubernetes swaps.
    private static let interval = Duration.seconds(1)

    private let policy: ActivePolicy
    private let identity: ActiveIdentity
    private let audit: AuditLog?
    private let metrics: BrokerMetrics
    private let logger: Logger
    private let clock: @Sendable () -> Date

    /// Makes a service.
    ///
    /// `audit`: where a new policy is recorded.
    public init(
        policy: ActivePolicy, identity: ActiveIdentity, audit: AuditLog?, metrics: BrokerMetrics, logger: Logger,
        clock: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.policy = policy
        self.identity = identity
        self.audit = audit
        self.metrics = metrics
        self.logger = logger
        self.clock = clock
    }

    /// Watches until it is cancelled or told to shut down.
    public func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sighup)
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask {
                    for await _ in signals {
                        await self.reload()
                    }
                }
                group.addTask { await self.watch() }
            }
        }
    }

    /// Reads both again, as on SIGHUP.
    public func reload() async {
        await self.reloadPolicy()
        self.reloadIdentity()
    }

    private func watch() async {
        var policyState = FileState(self.policy.files)
        var identityState = FileState(self.identityFiles)
        // A sleep that is cancelled means the end.
        while (try? await Task.sleep(for: Self.interval)) != nil {
            let newPolicy = FileState(self.policy.files)
            if newPolicy != policyState {
                await self.reloadPolicy()
                // A new policy may name other files.
                policyState = FileState(self.policy.files)
            }
            let newIdentity = FileState(self.identityFiles)
            if newIdentity != identityState {
                identityState = newIdentity
                self.reloadIdentity()
            }
        }
    }

    private var identityFiles: [String] { self.identity.files.map { [$0.certificate, $0.privateKey] } ?? [] }

    /// Puts the policy file in force.
    private func reloadPolicy() async {
        do {
            let old = self.policy.policy
            let policy = try self.policy.reload()
            self.metrics.noteReload("policy", succeeded: true)
            self.logger.notice(
                "policy loaded", metadata: ["file": "\(policy.file)", "sha256": "\(policy.sha256)", "rules": "\(policy.rules.count)"])
            for finding in policy.findings(at: self.clock()) { self.logger.warning("\(policy.file):\(finding.line): \(finding.message)") }
            await self.policy.warnOfMissingSecrets(to: self.logger, at: self.clock())
            guard policy.sha256 != old.sha256 else { return }
            let details = ["file": policy.file, "sha256": policy.sha256.hexString, "before": old.sha256.hexString]
            try await self.audit?.append(AuditEvent("policy-loaded", details: details, at: self.clock()))
        } catch {
            self.metrics.noteReload("policy", succeeded: false)
            self.logger.error("the policy was not loaded; the old one stays in force", metadata: Logger.metadata(of: error))
        }
    }

    /// Puts the certificate in use.
    private func reloadIdentity() {
        do {
            try self.identity.reload()
            self.metrics.noteReload("certificate", succeeded: true)
            self.logger.notice("certificate loaded")
            self.identity.warnOfValidity(to: self.logger, at: self.clock())
        } catch {
            self.metrics.noteReload("certificate", succeeded: false)
            self.logger.error("the certificate was not loaded; the old one stays in use", metadata: Logger.metadata(of: error))
        }
    }
}

/// What tells that files have changed; a file that is not there is a state, too.
private struct FileState: Equatable {
    private let statuses: [FileStatus?]

    init(_ paths: [String]) { self.statuses = paths.map { try? FileStatus(path: $0) } }
}
